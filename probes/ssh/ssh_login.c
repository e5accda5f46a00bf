/*
 * ssh.login: what an SSH server lets in: nobody's credentials, empty, wrong
 * and default ones, with the good ones before and after as control. It
 * measures no lock-out and guesses no passwords beyond the pairs it is given.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "probes/ssh/ssh_door.h"

#include "probes/probe.h"

enum { NAME_MAX_SIZE = 64, PAIRS_MAX = 32 };

struct pair {
	char user[NAME_MAX_SIZE];
	char password[NAME_MAX_SIZE];
};

struct login {
	struct probe_run *run;
	struct ssh_door door;
	const struct account *account; /* or NULL */
	const char *good;              /* its password, or NULL */
	struct pair pairs[PAIRS_MAX];
	size_t pair_count;
	unsigned methods; /* offered after 'none' */
	bool spent;       /* the budget allows no more failed logins */
	bool unanswered;  /* the last good login had no answer, not a no */
	bool gone;        /* two connections in a row could not be made: the
	                   * tries that are left would wait for nothing */
	int lost;         /* tries of what must be refused without an answer */
	int settled;      /* and with one */
	char random[17];  /* a password and a user nobody has */
};

static void fill_random(char out[17])
{
	unsigned char bytes[8] = {0};
	size_t i;

	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) < 0) {
		bytes[0] = (unsigned char)(clock_ns() & 0xFF);
	}
	for (i = 0; i < sizeof(bytes); i++) {
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	}
	out[0] = 'q'; /* user names begin with a letter */
}

/* "user:password user:password": cuts the next pair off. */
static bool next_pair(const char **text, struct pair *ret)
{
	const char *at = *text + strspn(*text, " \t\n");
	size_t size = strcspn(at, " \t\n");
	size_t user = strcspn(at, ": \t\n");

	*text = at + size;
	if (size == 0 || user == size || user >= NAME_MAX_SIZE || size - user > NAME_MAX_SIZE) {
		return false;
	}
	memcpy(ret->user, at, user);
	memcpy(ret->password, at + user + 1, size - user - 1);
	return true;
}

static void read_pairs(struct login *login)
{
	const char *text = probe_text(login->run, "pairs");

	while (text[strspn(text, " \t\n")] != '\0' && login->pair_count < PAIRS_MAX) {
		if (next_pair(&text, &login->pairs[login->pair_count])) {
			login->pair_count++;
		} else {
			probe_note(login->run, "a pair is not user:password");
		}
	}
}

/* Each login that may fail is asked for first. */
static int spend(struct login *login, const char *user)
{
	return probe_spend(login->run, SPEND_FAILED_LOGIN, user);
}

/* One login. Returns what came of it; a lost one is tried once more. */
static enum ssh_try try_once_more(struct login *login, const char *user, const char *password,
				  bool good)
{
	enum ssh_try outcome = SSH_TRY_LOST;
	int round, unopened = 0;

	for (round = 0; round < 2 && outcome == SSH_TRY_LOST; round++) {
		if (!good && spend(login, user) != 0) {
			login->spent = true;
			return SSH_TRY_LOST;
		}
		if (ssh_door_open(&login->door, user) != 0) {
			login->gone = ++unopened == 2;
			continue;
		}
		outcome = ssh_door_password(&login->door, user, password, login->methods);
		if (outcome == SSH_TRY_ACCEPTED) {
			ssh_door_close(&login->door);
		}
	}
	login->lost += !good && outcome == SSH_TRY_LOST;
	login->settled += !good && outcome != SSH_TRY_LOST;
	return outcome;
}

static enum ssh_try try_password(struct login *login, const char *what, const char *user,
				 const char *password, bool good)
{
	static const char *const words[] = {"accepted", "denied", "no answer"};
	enum ssh_try outcome;

	if (login->gone && !good) {
		login->lost++;
		return SSH_TRY_LOST;
	}
	outcome = try_once_more(login, user, password, good);
	probe_note(login->run, "%s for %s: %s", what, user,
		   login->spent ? "not tried, budget spent" : words[outcome]);
	return outcome;
}

/* Tries what must be refused and reports it; a lost try stays unreported. */
static void ask(struct login *login, const char *fact, const char *user, const char *password)
{
	enum ssh_try outcome;

	if (login->spent) {
		return;
	}
	outcome = try_password(login, fact, user, password, false);
	if (outcome != SSH_TRY_LOST) {
		probe_saw_bool(login->run, fact, outcome == SSH_TRY_ACCEPTED);
	}
}

static bool ask_good(struct login *login, const char *fact)
{
	enum ssh_try outcome;

	ssh_door_close(&login->door); /* a fresh one: no failures before it */
	outcome = try_password(login, fact, login->account->user, login->good, true);
	login->unanswered = outcome == SSH_TRY_LOST;
	if (outcome != SSH_TRY_LOST) {
		probe_saw_bool(login->run, fact, outcome == SSH_TRY_ACCEPTED);
	}
	return outcome == SSH_TRY_ACCEPTED;
}

static void saw_methods(struct login *login)
{
	static const struct {
		unsigned bit;
		const char *name;
	} methods[] = {
		{SSH_AUTH_METHOD_PASSWORD, "password"},
		{SSH_AUTH_METHOD_PUBLICKEY, "publickey"},
		{SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"},
		{SSH_AUTH_METHOD_HOSTBASED, "hostbased"},
		{SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic"},
	};
	size_t i;

	probe_saw_none(login->run, "methods");
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		if ((login->methods & methods[i].bit) != 0) {
			probe_saw_item(login->run, "methods", methods[i].name);
		}
	}
}

/* A server that accepts 'none' is looked at: it may ask inside. */
static void saw_none_accepted(struct login *login)
{
	enum ssh_session_look look = ssh_door_look(&login->door);

	ssh_door_close(&login->door);
	probe_saw_item(login->run, "methods", "none");
	if (look == SSH_SESSION_REFUSED) {
		probe_note(login->run, "accepted without credentials, but no "
				       "session was opened");
		return;
	}
	probe_note(login->run, "accepted without credentials%s",
		   look == SSH_SESSION_ASKS ? "; the session asks for them" : "");
	probe_saw_bool(login->run, "none_accepted", look == SSH_SESSION_OPEN);
}

/* libssh tells its failures apart by their text alone. */
static enum why why_of(const char *reason)
{
	static const struct {
		const char *part;
		enum why why;
	} rows[] = {
		{"kex error", WHY_CANNOT_OFFER},  {"banner", WHY_GARBAGE},
		{"acket", WHY_GARBAGE}, /* "Packet len too high" */
		{"rotocol version", WHY_GARBAGE}, {"disconnect", WHY_CLOSED_EARLY},
		{"closed", WHY_CLOSED_EARLY},     {"reset", WHY_CLOSED_EARLY},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strstr(reason, rows[i].part) != NULL) {
			return rows[i].why;
		}
	}
	return WHY_CANNOT_OFFER;
}

static int give_up_connecting(struct login *login)
{
	if (login->door.dial_error != 0) {
		return probe_dial_failed(login->run, login->door.service, login->door.dial_error);
	}
	if (login->door.silent) {
		return probe_give_up(login->run, WHY_NO_ANSWER,
				     "the device accepted the connection, but "
				     "no SSH session began in time");
	}
	return probe_give_up(login->run, why_of(login->door.reason),
			     "no SSH session could be begun: %s", login->door.reason);
}

static const char *any_user(const struct login *login)
{
	if (login->account != NULL) {
		return login->account->user;
	}
	return login->pair_count > 0 ? login->pairs[0].user : "admin";
}

static int ask_none(struct login *login)
{
	enum ssh_try outcome;

	if (ssh_door_open(&login->door, any_user(login)) != 0) {
		return give_up_connecting(login);
	}
	outcome = ssh_door_none(&login->door, &login->methods);
	if (outcome == SSH_TRY_LOST) {
		return probe_give_up(login->run, WHY_CLOSED_EARLY,
				     "the device did not answer a request "
				     "without credentials: %s",
				     login->door.reason);
	}
	if (outcome == SSH_TRY_ACCEPTED) {
		saw_none_accepted(login);
		return 0;
	}
	saw_methods(login);
	probe_saw_bool(login->run, "none_accepted", false);
	return 0;
}

/* What trying the pairs has shown so far. */
struct defaults {
	char hits[PAIRS_MAX][2 * NAME_MAX_SIZE];
	const char *list[PAIRS_MAX];
	size_t count;
	bool anything; /* a random password was accepted */
	bool complete; /* every try was answered */
};

/*
 * A pair counts as a default credential only if a random password is refused
 * for the same user: a device that takes anything has one flaw, not as many as
 * the list is long.
 */
static void ask_pair(struct login *login, const struct pair *pair, struct defaults *defaults)
{
	enum ssh_try outcome, random;

	outcome = try_password(login, "default password", pair->user, pair->password, false);
	if (outcome != SSH_TRY_ACCEPTED) {
		defaults->complete &= outcome == SSH_TRY_DENIED;
		return;
	}
	random = try_password(login, "random password", pair->user, login->random, false);
	defaults->anything |= random == SSH_TRY_ACCEPTED;
	defaults->complete &= random != SSH_TRY_LOST;
	if (random == SSH_TRY_DENIED) {
		snprintf(defaults->hits[defaults->count], sizeof(defaults->hits[0]), "%s:%s",
			 pair->user, pair->password);
		defaults->list[defaults->count] = defaults->hits[defaults->count];
		defaults->count++;
	}
}

/* Where a random password is accepted, or a try was not answered and nothing
 * found, the list of defaults would prove nothing and stays unreported. */
static void ask_pairs(struct login *login)
{
	struct defaults *d = probe_alloc(login->run, sizeof(*d));
	enum ssh_try random;
	size_t i;

	random = try_password(login, "random password", login->pairs[0].user, login->random, false);
	d->anything = random == SSH_TRY_ACCEPTED;
	d->complete = random != SSH_TRY_LOST;
	for (i = 0; i < login->pair_count && !d->anything && !login->spent; i++) {
		ask_pair(login, &login->pairs[i], d);
	}
	d->complete &= !login->spent;
	if (d->anything || d->complete) {
		probe_saw_bool(login->run, "random_password_accepted", d->anything);
	}
	if (!d->anything && (d->count > 0 || d->complete)) {
		probe_saw_list(login->run, "default_accepted", d->list, d->count);
	}
}

/* Empty, wrong and unknown credentials. */
static void ask_wrong(struct login *login)
{
	const char *user = login->account->user;

	ask(login, "empty_password_accepted", user, "");
	ask(login, "wrong_password_accepted", user, login->random);
	ask(login, "wrong_user_accepted", login->random, login->random);
}

static int conclude(struct login *login)
{
	if (login->settled > 0 || (login->lost == 0 && !login->spent)) {
		return 0;
	}
	if (login->spent) {
		return probe_give_up(login->run, WHY_BUDGET_SPENT,
				     "the profile's budget of failed logins "
				     "is spent");
	}
	return probe_give_up(login->run, WHY_BLOCKED,
			     "the device answered no login after the first "
			     "connection");
}

static int ask_all(struct login *login)
{
	if (ask_none(login) != 0) {
		return -1;
	}
	/* With the good login refused, wrong ones would prove nothing and
	 * perhaps lock the account. */
	if (login->account != NULL && ask_good(login, "good_login_before")) {
		ask_wrong(login);
	}
	if (login->pair_count > 0 && !login->spent) {
		ask_pairs(login);
	}
	if (login->account != NULL) {
		ask_good(login, "good_login_after");
	}
	if (login->unanswered && login->gone) {
		return probe_give_up(login->run, WHY_DEVICE_LOST,
				     "the device took no connection any more "
				     "for the good login at the end");
	}
	return conclude(login);
}

static int observe(struct probe_run *run)
{
	struct login *login = probe_alloc(run, sizeof(*login));
	int rc;

	login->run = run;
	login->door.run = run;
	login->door.service = probe_service(run, "service");
	login->account = probe_account(run, "account");
	read_pairs(login);
	fill_random(login->random);
	if (login->account != NULL) {
		login->good = probe_password(run, login->account);
		if (login->good == NULL) {
			return -1;
		}
	}
	rc = ask_all(login);
	ssh_door_close(&login->door);
	return rc;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "the SSH service", NULL, 0, 0},
	{"account", PARAM_ACCOUNT, "the account with a known password", "", 0, 0},
	{"pairs", PARAM_TEXT, "default credentials to try, user:password with spaces between", "",
	 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};

static const struct fact_def facts[] = {
	{"methods", FACT_LIST, "", "ways to log in it offers"},
	{"none_accepted", FACT_BOOL, "", "it opens a session without credentials"},
	{"empty_password_accepted", FACT_BOOL, "", "it accepts an empty password for the account"},
	{"wrong_password_accepted", FACT_BOOL, "", "it accepts a random password for the account"},
	{"wrong_user_accepted", FACT_BOOL, "", "it accepts a user that does not exist"},
	{"good_login_before", FACT_BOOL, "", "the account's own password worked before the others"},
	{"good_login_after", FACT_BOOL, "", "the account's own password worked after the others"},
	{"default_accepted", FACT_LIST, "", "default credentials it accepts"},
	{"random_password_accepted", FACT_BOOL, "",
	 "it accepts a random password for a user of the default list"},
	{NULL, FACT_BOOL, NULL, NULL},
};

const struct probe probe_ssh_login = {
	.id = "ssh.login",
	.summary = "credentials an SSH server lets in",
	.source = "RFC 4252, RFC 4256",
	.impact = IMPACT_TOUCH,
	.timeout_s = 300,
	.params = params,
	.facts = facts,
	.observe = observe,
};
