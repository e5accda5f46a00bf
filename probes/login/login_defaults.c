/*
 * login.defaults: whether a service lets in the documented credential of its
 * delivery, or a user and password of a list of delivered ones. It guesses nothing beyond the list, and names what it finds by
 * user and place in the list: the password may be a declared account's own.
 */
#include "probes/login/login_course.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

enum { DEFAULTS, RANDOM, QUESTIONS };

struct defaults {
	struct login_course course;
	struct login_question questions[QUESTIONS];
};

/* A password that nobody has for this user. */
static bool takes_anything(struct defaults *d, const char *user)
{
	const struct credential random = {.kind = CREDENTIAL_PASSWORD,
					  .what = "random password",
					  .user = user,
					  .password = d->course.random_password};

	struct login_question *question = &d->questions[RANDOM];

	if (!login_course_lets_in(&d->course, question, &random)) {
		return false;
	}
	login_course_saw(&d->course, question, user == d->course.random_user ? "any name" : user,
			 NULL);
	return true;
}

/*
 * A pair counts as a delivered credential only if a random password is refused
 * for the same user: a device that takes anything has one flaw, not as many as
 * the list is long.
 */
static void try_pair(struct defaults *d, const char *user, const char *password, const char *detail)
{
	const struct credential pair = {.kind = CREDENTIAL_PASSWORD,
					.what = "delivered password",
					.user = user,
					.password = password};
	struct login_question *question = &d->questions[DEFAULTS];
	unsigned way;

	if (!login_course_lets_in(&d->course, question, &pair)) {
		return;
	}
	way = d->course.way_in;
	if (takes_anything(d, user)) {
		question->open = true;
		return;
	}
	d->course.way_in = way;
	login_course_saw(&d->course, question, user, detail);
}

static void try_pairs(struct defaults *d)
{
	const char *const *pairs = probe_list(d->course.run, "pairs");
	char user[LOGIN_WORD_MOST], password[LOGIN_WORD_MOST];
	char detail[32];
	unsigned i;

	for (i = 0; pairs[i] != NULL; i++) {
		if (login_pair(pairs[i], user, password)) {
			snprintf(detail, sizeof(detail), "entry %u", i + 1);
			try_pair(d, user, password, detail);
		} else {
			d->questions[DEFAULTS].open = true;
			login_course_leave_open(&d->course, WHY_CANNOT_OFFER,
						"entry %u of the list is not user:password", i + 1);
		}
	}
}

/* The one that the device's own papers name. Returns 0, or -1 with the run given up. */
static int try_delivered(struct defaults *d)
{
	const struct account *account = probe_account(d->course.run, "delivered");
	const char *password;

	if (account == NULL) {
		return 0;
	}
	password = probe_password(d->course.run, account);
	if (password == NULL) {
		return -1;
	}
	try_pair(d, account->user, password, "as documented");
	return 0;
}

static int observe(struct probe_run *run)
{
	struct defaults *d = probe_alloc(run, sizeof(*d));
	struct login_course *course = &d->course;

	d->questions[DEFAULTS].fact = "default_accepted";
	d->questions[DEFAULTS].asked = true;
	d->questions[RANDOM].fact = "random_password_accepted";
	if (login_course_begin(course, run) != 0) {
		return -1;
	}
	if (takes_anything(d, course->random_user)) {
		d->questions[DEFAULTS].open = true;
	} else if (try_delivered(d) == 0) {
		try_pairs(d);
	} else {
		return -1;
	}
	if (d->questions[RANDOM].found && !d->questions[DEFAULTS].found) {
		login_course_leave_open(course, WHY_CONTROL_FAILED,
					"a password that nobody has is let in as well, so that a "
					"list of delivered ones tells nothing");
	}
	return login_course_end(course, d->questions, QUESTIONS);
}

static unsigned seconds(const struct param_value *params, size_t count)
{
	size_t i;
	unsigned all = 5;

	for (i = 0; i < count; i++) {
		all += (unsigned)params[i].list_count;
	}
	return all;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "a service whose protocol has a driver", NULL, 0, 0, NULL},
	{"account", PARAM_ACCOUNT, "the account whose password is good", NULL, 0, 0, NULL},
	{"delivered", PARAM_ACCOUNT,
	 "the account whose password is the documented one of delivery, tried first", "delivered",
	 0, 0, NULL},
	{"pairs", PARAM_LIST, "delivered credentials to try, each user:password", NULL, 0, 0, NULL},
	{0},
};

static const struct fact_def facts[] = {
	LOGIN_COURSE_FACTS,
	{"default_accepted", FACT_LIST, "",
	 "delivered credentials that it accepts, by user and place in the list"},
	{"random_password_accepted", FACT_LIST, "",
	 "users that it lets in with a password that nobody has"},
	{0},
};

const struct probe probe_login_defaults = {
	.id = "login.defaults",
	.summary = "which delivered passwords a login accepts",
	.source = "the protocol's own",
	.impact = IMPACT_TOUCH,
	.needs = NEEDS_SESSION,
	.holds = HOLDS_ACCOUNTS,
	.timeout_s = 600,
	.params = params,
	.facts = facts,
	.seconds = seconds,
	.observe = observe,
};
