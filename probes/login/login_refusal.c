/*
 * login.refusal: whether a service refuses what is no login: nothing at all, an
 * empty password, one that is almost right, a user nobody knows, a key nobody
 * registered, the protocol's public names. It guesses no password and measures
 * no lock-out.
 */
#include "probes/login/login_course.h"
#include "probes/login/near_miss.h"

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

enum { NAMES_MOST = 64 };
enum { NONE, ANONYMOUS, WRONG, EMPTY, UNKNOWN, KEY, QUESTIONS };

struct refusal {
	struct login_course course;
	struct login_question questions[QUESTIONS];
	char names[NAMES_MOST][LOGIN_WORD_MOST]; /* the account's first, each once */
	size_t name_count;
};

static void add_name(struct refusal *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->name_count; i++) {
		if (strcmp(r->names[i], name) == 0) {
			return;
		}
	}
	if (r->name_count < NAMES_MOST) {
		snprintf(r->names[r->name_count++], LOGIN_WORD_MOST, "%s", name);
	}
}

static void collect_names(struct refusal *r)
{
	const struct profile *profile = probe_profile(r->course.run);
	const char *const *pair = probe_list(r->course.run, "pairs");
	char user[LOGIN_WORD_MOST], password[LOGIN_WORD_MOST];
	size_t i;

	add_name(r, r->course.account->user);
	for (; *pair != NULL; pair++) {
		if (login_pair(*pair, user, password)) {
			add_name(r, user);
		}
	}
	for (i = 0; i < profile->account_count; i++) {
		add_name(r, profile->accounts[i].user);
	}
}

static bool try(struct refusal *r, int question, const struct credential *credential,
		const char *detail)
{
	return login_course_try(&r->course, &r->questions[question], credential, detail);
}

static void try_none(struct refusal *r)
{
	struct credential none = {
		.kind = CREDENTIAL_NONE, .what = "login without credentials", .password = ""};
	size_t i;

	for (i = 0; i < r->name_count; i++) {
		none.user = r->names[i];
		try(r, NONE, &none, NULL);
	}
}

static void try_public_names(struct refusal *r)
{
	const char *const *name = r->course.session.driver->public_names;
	struct credential public = {
		.kind = CREDENTIAL_PASSWORD, .what = "public name", .password = "assay@"};

	for (; name != NULL && *name != NULL; name++) {
		public.user = *name;
		try(r, ANONYMOUS, &public, NULL);
	}
}

/* What is not tried for fear of a lock-out is not refused. */
static void leave_out(struct refusal *r, int question, const char *user, const char *what)
{
	r->questions[question].asked = r->questions[question].open = true;
	login_course_leave_open(&r->course, WHY_BUDGET_SPENT,
				"%s not tried on '%s': it could lock the account; " LOGIN_RAISE,
				what, user);
}

/* Almost the right password: whoever lets any in lets these in too. */
static void try_wrong(struct refusal *r)
{
	char password[512];
	struct credential wrong = {.kind = CREDENTIAL_PASSWORD,
				   .what = "wrong password",
				   .user = r->course.account->user,
				   .password = password,
				   .own = true};
	int kind;

	for (kind = 0; kind < NEAR_COUNT; kind++) {
		if (!near_miss_of((enum near_miss)kind, r->course.password, password,
				  sizeof(password))) {
			continue;
		}
		if (kind > 0 && !login_course_roomy(&r->course, wrong.user)) {
			leave_out(r, WRONG, wrong.user, "other near misses of the password were");
			break;
		}
		probe_hide(r->course.run, password);
		try(r, WRONG, &wrong, near_miss_word((enum near_miss)kind));
	}
	if (!r->questions[WRONG].asked || r->questions[WRONG].found ||
	    login_course_roomy(&r->course, wrong.user)) {
		wrong.own = false;
		wrong.password = r->course.random_password;
		try(r, WRONG, &wrong, "any");
	}
}

static void try_empty(struct refusal *r)
{
	struct credential empty = {
		.kind = CREDENTIAL_PASSWORD, .what = "empty password", .password = ""};
	size_t i;

	for (i = r->course.good ? 0 : 1; i < r->name_count; i++) {
		empty.user = r->names[i];
		try(r, EMPTY, &empty, NULL);
	}
}

static void try_nobody(struct refusal *r, int question, const struct credential *credential,
		       const char *detail)
{
	if (login_course_lets_in(&r->course, &r->questions[question], credential)) {
		login_course_saw(&r->course, &r->questions[question], "any name", detail);
	}
}

/* With the right password: some devices look at nothing else. */
static void try_unknown(struct refusal *r)
{
	struct credential unknown = {.kind = CREDENTIAL_PASSWORD,
				     .what = "unknown user",
				     .user = r->course.random_user,
				     .password = r->course.password,
				     .own = true};

	try_nobody(r, UNKNOWN, &unknown, "the right password");
	unknown.own = false;
	unknown.password = r->course.random_password;
	try_nobody(r, UNKNOWN, &unknown, "any password");
}

static void try_key(struct refusal *r)
{
	struct credential key = {.kind = CREDENTIAL_KEY, .what = "unknown key", .password = ""};
	const char *left_out = NULL;
	size_t i;

	key.user = r->course.random_user;
	try_nobody(r, KEY, &key, NULL);
	for (i = 0; i < r->name_count; i++) {
		key.user = r->names[i];
		if (login_course_roomy(&r->course, key.user)) {
			try(r, KEY, &key, NULL);
		} else {
			left_out = key.user;
		}
	}
	/* the others tell whether the service takes keys at all */
	if (left_out != NULL && login_course_takes_keys(&r->course)) {
		leave_out(r, KEY, left_out, "an unknown key was");
	}
}

static int observe(struct probe_run *run)
{
	static const char *const facts[QUESTIONS] = {
		[NONE] = "none_accepted",
		[ANONYMOUS] = "anonymous_accepted",
		[WRONG] = "wrong_password_accepted",
		[EMPTY] = "empty_password_accepted",
		[UNKNOWN] = "unknown_user_accepted",
		[KEY] = "unknown_key_accepted",
	};
	struct refusal *r = probe_alloc(run, sizeof(*r));
	unsigned can;
	size_t i;

	for (i = 0; i < QUESTIONS; i++) {
		r->questions[i].fact = facts[i];
		/* what the protocol cannot carry needs no refusal */
		r->questions[i].asked = i != WRONG && i != UNKNOWN;
	}
	if (login_course_begin(&r->course, run) != 0) {
		return -1;
	}
	can = r->course.session.driver->can;
	collect_names(r);
	if ((can & CAN_NONE) != 0) {
		try_none(r);
	}
	try_public_names(r);
	/* With the good login refused, wrong ones would prove nothing and perhaps lock the account. */
	if (r->course.good || r->course.full || !r->course.takes_passwords) {
		try_wrong(r);
	}
	if ((can & CAN_EMPTY_PASSWORD) != 0) {
		try_empty(r);
	}
	try_unknown(r);
	if ((can & CAN_KEY) != 0) {
		try_key(r);
	}
	return login_course_end(&r->course, r->questions, QUESTIONS);
}

static unsigned seconds(const struct param_value *params, size_t count)
{
	(void)params;
	(void)count;
	return 20;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "a service whose protocol has a driver", NULL, 0, 0, NULL},
	{"account", PARAM_ACCOUNT, "the account whose password is good", NULL, 0, 0, NULL},
	{"pairs", PARAM_LIST,
	 "delivered credentials, each user:password, whose names are tried as well", "", 0, 0,
	 NULL},
	{0},
};

static const struct fact_def facts[] = {
	LOGIN_COURSE_FACTS,
	{"none_accepted", FACT_LIST, "", "users that it lets in without credentials"},
	{"anonymous_accepted", FACT_LIST, "", "public names of the protocol that it lets in"},
	{"wrong_password_accepted", FACT_LIST, "",
	 "wrong passwords of the account that it accepts: longer, in other case, shorter, any"},
	{"empty_password_accepted", FACT_LIST, "", "users that it lets in with an empty password"},
	{"unknown_user_accepted", FACT_LIST, "", "users that do not exist that it lets in"},
	{"unknown_key_accepted", FACT_LIST, "",
	 "users that it lets in with a key nobody registered"},
	{0},
};

const struct probe probe_login_refusal = {
	.id = "login.refusal",
	.summary = "what a login lets in besides the right password",
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
