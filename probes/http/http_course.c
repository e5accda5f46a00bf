/* http_course: good, wrong, empty, random, delivered, good. module: web */
#include "probes/http/http_course.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "harness/banned.h"

enum { WORD_MOST = 64 };

bool http_pair_next(const char **at, char *user, char *password)
{
	while (**at != '\0') {
		size_t size;
		const char *start, *colon;

		*at += strspn(*at, " ,\n");
		start = *at;
		size = strcspn(start, " ,\n");
		*at += size;
		colon = memchr(start, ':', size);
		if (colon == NULL || colon == start || colon - start >= WORD_MOST ||
		    start + size - colon - 1 >= WORD_MOST) {
			continue;
		}
		snprintf(user, WORD_MOST, "%.*s", (int)(colon - start), start);
		snprintf(password, WORD_MOST, "%.*s", (int)(start + size - colon - 1), colon + 1);
		return true;
	}
	return false;
}

/* A word that nobody has as name or password. */
static void random_word(char *out)
{
	uint64_t bits = 0;

	if (getrandom(&bits, sizeof(bits), 0) != sizeof(bits)) {
		bits = (uint64_t)clock_ns();
	}
	snprintf(out, WORD_MOST, "x%016llx", (unsigned long long)bits);
}

/* An attempt that should fail: paid for before it is made. */
static int bad_attempt(const struct http_course *c, const char *user, const char *password)
{
	if (probe_spend(c->run, SPEND_FAILED_LOGIN, user) != 0) {
		return probe_give_up(c->run, WHY_BUDGET_SPENT,
				     "the budget of failed logins is spent");
	}
	return c->attempt(c->state, user, password);
}

static int saw(const struct http_course *c, const char *fact, int accepted)
{
	if (accepted < 0) {
		return -1;
	}
	probe_saw_bool(c->run, fact, accepted != 0);
	return 0;
}

static int good_attempt(const struct http_course *c, const char *fact, const char *password)
{
	int accepted = c->attempt(c->state, c->account->user, password);

	if (saw(c, fact, accepted) != 0) {
		return -1;
	}
	return accepted ? 0
			: probe_give_up(c->run, WHY_CONTROL_FAILED,
					"the good login of '%s' is refused", c->account->name);
}

static int try_pairs(const struct http_course *c)
{
	char user[WORD_MOST], password[WORD_MOST], pair[2 * WORD_MOST];
	const char *at = c->pairs;
	int accepted;

	if (*at != '\0') {
		probe_saw_none(c->run, "default_accepted");
	}
	while (http_pair_next(&at, user, password)) {
		accepted = bad_attempt(c, user, password);
		if (accepted < 0) {
			return -1;
		}
		if (accepted > 0) {
			snprintf(pair, sizeof(pair), "%s:%s", user, password);
			probe_saw_item(c->run, "default_accepted", pair);
		}
	}
	return 0;
}

static int try_bad_ones(const struct http_course *c)
{
	char user[WORD_MOST], password[WORD_MOST];
	int accepted;

	random_word(user);
	random_word(password);
	if (saw(c, "wrong_password_accepted", bad_attempt(c, c->account->user, password)) != 0) {
		return -1;
	}
	if (c->try_empty &&
	    saw(c, "empty_password_accepted", bad_attempt(c, c->account->user, "")) != 0) {
		return -1;
	}
	accepted = bad_attempt(c, user, password);
	if (saw(c, "random_password_accepted", accepted) != 0) {
		return -1;
	}
	/* Where anything is let in, a list of defaults says nothing more. */
	return accepted ? 0 : try_pairs(c);
}

int http_course_run(const struct http_course *c)
{
	const char *password = probe_password(c->run, c->account);

	if (password == NULL) {
		return -1;
	}
	if (good_attempt(c, "good_login_before", password) != 0 || try_bad_ones(c) != 0) {
		return -1;
	}
	return good_attempt(c, "good_login_after", password);
}
