/* login_course: tries between two good logins. Contract in login_course.h. */
#include "probes/login/login_course.h"
#include "probes/registry.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

/* Failed logins that all courses together make on one name at one service where they try
 * everything: 3 near misses, an empty password, a delivered one, a key, and room for a second
 * way. */
enum { EVERYTHING = 12, NOT_OFFERED_ENOUGH = 2, RANDOM_SIZE = 16 };
enum { SENT_MOST = 2 }; /* of one try: see session.c */

bool login_pair(const char *text, char *user, char *password)
{
	const char *colon = strchr(text, ':');

	if (colon == NULL || colon == text || colon - text >= LOGIN_WORD_MOST ||
	    strlen(colon + 1) >= LOGIN_WORD_MOST) {
		return false;
	}
	snprintf(user, LOGIN_WORD_MOST, "%.*s", (int)(colon - text), text);
	snprintf(password, LOGIN_WORD_MOST, "%s", colon + 1);
	return true;
}

void login_course_leave_open(struct login_course *course, enum why why, const char *format, ...)
{
	va_list arguments;

	if (course->why != WHY_NONE) {
		return;
	}
	va_start(arguments, format);
	vsnprintf(course->reason, sizeof(course->reason), format, arguments);
	va_end(arguments);
	course->why = why;
}

/* A service that answered logins before and now takes none shuts the tester out. */
static void leave_unanswered(struct login_course *course, const struct credential *credential,
			     enum login_outcome outcome)
{
	const struct session *session = &course->session;
	enum why why = session->why;

	if (outcome == LOGIN_SHUT_OUT && session->answered &&
	    (why == WHY_CONNECT_FAILED || why == WHY_CLOSED_EARLY || why == WHY_NO_ANSWER)) {
		login_course_leave_open(course, WHY_BLOCKED,
					"the tester is shut out after %d logins: %s", course->tries,
					session->reason);
	} else if (why == WHY_BUDGET_SPENT || why == WHY_WRONG_DEVICE) {
		login_course_leave_open(course, why, "%s", session->reason);
	} else {
		login_course_leave_open(course, why, "no answer to the %s of '%s': %s",
					credential->what, credential->user, session->reason);
	}
}

static struct credential good_credential(const struct login_course *course)
{
	return (struct credential){
		.kind = CREDENTIAL_PASSWORD,
		.what = "good login",
		.user = course->account->user,
		.password = course->password,
		.right = true,
		.own = true,
	};
}

/* What the gate counts since the last good login, or more. */
static void count_wrong(struct login_course *course, const struct credential *credential,
			enum login_outcome outcome)
{
	if (strcmp(credential->user, course->account->user) != 0 ||
	    credential->kind == CREDENTIAL_NONE || outcome == LOGIN_NOT_OFFERED) {
		return;
	}
	if (!credential->right) {
		course->wrong += login_unanswered(outcome) ? SENT_MOST : 1;
	} else if (outcome == LOGIN_ACCEPTED) {
		course->wrong = 0;
	}
}

/*
 * Some servers hang up without a word where they refuse (dropbear -T 1). That is a refusal where
 * they do so each time, and let the right login in just after it from the same place.
 */
static bool hang_up_refuses(struct login_course *course, const struct credential *credential)
{
	const struct credential good = good_credential(course);
	enum login_outcome outcome;

	if (credential->right || credential->kind == CREDENTIAL_NONE || !course->good ||
	    course->session.why != WHY_CLOSED_EARLY) {
		return false;
	}
	course->tries++;
	outcome = session_login(&course->session, course->main_way, &good);
	count_wrong(course, &good, outcome);
	return login_lets_in(outcome);
}

static void leave_bad_control(struct login_course *course, enum login_outcome outcome,
			      const char *when);

static bool renews(const struct login_course *course)
{
	const struct profile *profile = probe_profile(course->run);

	return course->good && profile->limits.lockout_attempts > 0 &&
	       profile_login_resets(profile, course->account->user);
}

/*
 * Before the wrong logins as the account get so many that one more try, which may be sent twice,
 * could lock it: the good login again, where the device is declared to forget the wrong ones at it.
 * Returns false where that fails: then nothing more is tried as this user.
 */
static bool renew(struct login_course *course, const struct credential *credential)
{
	const struct profile *profile = probe_profile(course->run);
	const struct credential good = good_credential(course);
	enum login_outcome outcome;

	if (credential->right || credential->kind == CREDENTIAL_NONE ||
	    strcmp(credential->user, course->account->user) != 0 || !renews(course)) {
		return true;
	}
	if (course->wrong > 0 && course->wrong + SENT_MOST >= profile->limits.lockout_attempts &&
	    !course->lost) {
		outcome = session_login(&course->session, course->main_way, &good);
		course->tries++;
		course->wrong = 0;
		course->lost = outcome != LOGIN_ACCEPTED;
		if (course->lost && login_unanswered(outcome)) {
			leave_unanswered(course, &good, outcome);
		} else if (course->lost) {
			leave_bad_control(course, outcome, "in between");
		}
	}
	return !course->lost;
}

static enum login_outcome try_way(struct login_course *course, unsigned way,
				  const struct credential *credential)
{
	enum login_outcome outcome;

	if (!renew(course, credential)) {
		return LOGIN_NOT_TRIED;
	}
	outcome = session_login(&course->session, way, credential);
	count_wrong(course, credential, outcome);
	if (outcome == LOGIN_SILENT && hang_up_refuses(course, credential)) {
		probe_note(course->run, "the hang-up is a refusal: the good login goes on");
		outcome = LOGIN_DENIED;
	}
	course->tries += outcome != LOGIN_NOT_TRIED && outcome != LOGIN_NOT_OFFERED;
	if (credential->kind == CREDENTIAL_KEY) {
		course->keys_taken |= outcome != LOGIN_NOT_OFFERED && !login_unanswered(outcome);
		course->keys_not_offered += outcome == LOGIN_NOT_OFFERED;
	}
	if (credential->kind != CREDENTIAL_PASSWORD) {
		return outcome; /* it tells nothing of the ways */
	}
	if (outcome == LOGIN_NOT_OFFERED) {
		course->not_offered[way]++;
	} else if (!login_unanswered(outcome)) {
		course->used[way] = true;
	}
	return outcome;
}

/* The good login by the best way that is offered: the own password is not sent by a worse one. */
static enum login_outcome log_in_well(struct login_course *course)
{
	const struct login_way *ways = course->session.driver->ways;
	const struct credential good = good_credential(course);
	enum login_outcome outcome = LOGIN_NOT_OFFERED;
	unsigned way;

	for (way = 0; ways[way].name != NULL && outcome == LOGIN_NOT_OFFERED; way++) {
		outcome = try_way(course, way, &good);
		course->main_way = way;
	}
	return outcome;
}

static void leave_bad_control(struct login_course *course, enum login_outcome outcome,
			      const char *when)
{
	const char *name = course->account->name;

	switch (outcome) {
	case LOGIN_MORE:
		login_course_leave_open(course, WHY_CANNOT_OFFER,
					"the good login of '%s' needs a further factor %s", name,
					when);
		break;
	case LOGIN_LOCKED:
		login_course_leave_open(course, WHY_BLOCKED,
					"the device says %s that the account '%s' is blocked", when,
					name);
		break;
	default:
		login_course_leave_open(course, WHY_CONTROL_FAILED,
					"the good login of '%s' is refused %s%s", name, when,
					course->good ? ": perhaps the account is blocked now" : "");
	}
}

static void saw_ways(const struct login_course *course)
{
	const struct login_way *ways = course->session.driver->ways;
	unsigned way;

	probe_saw_none(course->run, "ways");
	for (way = 0; ways[way].name != NULL; way++) {
		if (course->used[way]) {
			probe_saw_item(course->run, "ways", ways[way].name);
		}
	}
}

int login_course_begin(struct login_course *course, struct probe_run *run)
{
	enum login_outcome outcome;

	*course = (struct login_course){
		.run = run,
		.account = probe_account(run, "account"),
	};
	session_init(&course->session, run, probe_service(run, "service"));
	course->random_user = probe_secret(run, RANDOM_SIZE);
	course->random_password = probe_secret(run, RANDOM_SIZE);
	course->password = probe_password(run, course->account);
	if (course->password == NULL) {
		return -1;
	}
	outcome = log_in_well(course);
	course->full = outcome == LOGIN_BUSY;
	course->takes_passwords = outcome != LOGIN_NOT_OFFERED;
	if (course->full) {
		return 0;
	}
	if (login_unanswered(outcome)) {
		return probe_give_up(run, course->session.why, "%s", course->session.reason);
	}
	course->good = login_lets_in(outcome);
	if (course->takes_passwords) {
		probe_saw_bool(run, "good_login_before", course->good);
	}
	if (course->takes_passwords && !course->good) {
		leave_bad_control(course, outcome, "at first");
	}
	return 0;
}

/* The profile's own text of this user name, or NULL: no account has it. */
static const char *declared_user(const struct login_course *course, const char *user)
{
	const struct profile *profile = probe_profile(course->run);
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		if (strcmp(profile->accounts[i].user, user) == 0) {
			return profile->accounts[i].user;
		}
	}
	return NULL;
}

/* How often a pair of the list has this user. */
static int64_t listed(const struct login_course *course, const char *user)
{
	const char *const *pair = probe_list(course->run, "pairs");
	char name[LOGIN_WORD_MOST], password[LOGIN_WORD_MOST];
	int64_t count = 0;

	for (; *pair != NULL; pair++) {
		count += login_pair(*pair, name, password) && strcmp(name, user) == 0;
	}
	return count;
}

/* Failed logins that all courses together make by one way each on an account that is not the
 * course's own: an empty password, a key and what the list of delivered ones has for it. */
static int64_t needed(const struct login_course *course, const char *user)
{
	const struct profile *profile = probe_profile(course->run);
	const struct session_driver *driver;
	int64_t each = listed(course, user), all = 0;
	size_t i;

	for (i = 0; i < profile->service_count; i++) {
		driver = driver_find(profile->services[i].protocol);
		if (driver != NULL) {
			all += each + ((driver->can & CAN_EMPTY_PASSWORD) != 0) +
			       ((driver->can & CAN_KEY) != 0);
		}
	}
	return all;
}

/* The same of the course's own account, by two ways. */
static int64_t needed_of_own(const struct login_course *course)
{
	const struct profile *profile = probe_profile(course->run);
	int64_t services = 0;
	size_t i;

	for (i = 0; i < profile->service_count; i++) {
		services += driver_find(profile->services[i].protocol) != NULL;
	}
	return services * EVERYTHING;
}

static bool roomy_by(const struct login_course *course, const char *user, unsigned way)
{
	const struct profile *profile = probe_profile(course->run);
	int64_t allowed = profile->budget.failed_logins, locks = profile->limits.lockout_attempts;
	bool own = strcmp(user, course->account->user) == 0;

	if (locks > 0 && allowed >= locks && !(own && renews(course) && locks > SENT_MOST)) {
		allowed = locks - 1;
	}
	return declared_user(course, user) == NULL ||
	       allowed >= (own ? needed_of_own(course) : needed(course, user) * (way + 1));
}

bool login_course_roomy(const struct login_course *course, const char *user)
{
	return roomy_by(course, user, 0);
}

/* A way that was not offered to several is not offered. */
static bool not_offered(const struct login_course *course, unsigned way)
{
	return !course->used[way] && course->not_offered[way] >= NOT_OFFERED_ENOUGH;
}

bool login_course_takes_keys(const struct login_course *course)
{
	return course->keys_taken || course->keys_not_offered < NOT_OFFERED_ENOUGH;
}

static bool way_open(const struct login_course *course, unsigned way,
		     const struct credential *credential)
{
	const struct login_way *ways = course->session.driver->ways;

	if (credential->kind != CREDENTIAL_PASSWORD) {
		return way == course->main_way; /* it goes by none of them */
	}
	return !not_offered(course, way) &&
	       !(credential->own && ways[way].clear && !ways[course->main_way].clear);
}

/* The worse ways of a declared account are tried only where there is room: what the best one
 * refuses may be let in by them, so that the question stays open where they are offered. */
static bool pass_over(struct login_course *course, struct login_question *question, unsigned way,
		      const struct credential *credential)
{
	if (way <= course->main_way || login_course_roomy(course, credential->user)) {
		return false;
	}
	if (question->passed_over[way] == NULL) {
		question->passed_over[way] = declared_user(course, credential->user);
	}
	return true;
}

void login_course_saw(struct login_course *course, struct login_question *question,
		      const char *user, const char *detail)
{
	const char *way = course->session.driver->ways[course->way_in].name;
	bool other = course->way_in != course->main_way;
	char item[256];

	if (detail != NULL && other) {
		snprintf(item, sizeof(item), "%s (%s, %s)", user, detail, way);
	} else if (detail != NULL || other) {
		snprintf(item, sizeof(item), "%s (%s)", user, detail != NULL ? detail : way);
	} else {
		snprintf(item, sizeof(item), "%s", user);
	}
	probe_saw_item(course->run, question->fact, item);
	question->found = true;
}

/* What did not let in may have left the question open. */
static void take_outcome(struct login_course *course, struct login_question *question,
			 const struct credential *credential, enum login_outcome outcome)
{
	if (login_unanswered(outcome)) {
		question->open = true;
		leave_unanswered(course, credential, outcome);
	} else if (outcome == LOGIN_LOCKED) {
		question->open = true;
		login_course_leave_open(course, WHY_BLOCKED,
					"the device says that '%s' is blocked, after %d logins",
					credential->user, course->tries);
	} else if (outcome == LOGIN_MORE) {
		question->open = true;
		login_course_leave_open(
			course, WHY_CANNOT_OFFER,
			"the %s of '%s' was taken, and a further factor is asked for",
			credential->what, credential->user);
	}
}

/*
 * A device whose session is taken says so to a right password alone, and one whose pages are open
 * to the tester answers it with content, where a random one for the same user is refused in
 * between.
 */
static bool taken_for_right(struct login_course *course, unsigned way,
			    const struct credential *credential)
{
	const struct credential random = {.kind = CREDENTIAL_PASSWORD,
					  .what = "random password",
					  .user = credential->user,
					  .password = course->random_password};
	bool told = credential->kind == CREDENTIAL_PASSWORD &&
		    strcmp(credential->password, random.password) != 0 &&
		    try_way(course, way, &random) == LOGIN_DENIED &&
		    try_way(course, way, credential) == LOGIN_BUSY;

	course->full_wrong = course->full_wrong || !told;
	if (told) {
		probe_note(course->run,
			   "the %s of '%s' is taken for right: it is answered otherwise than a "
			   "random one, which is refused",
			   credential->what, credential->user);
	}
	return told;
}

bool login_course_lets_in(struct login_course *course, struct login_question *question,
			  const struct credential *credential)
{
	const struct login_way *ways = course->session.driver->ways;
	enum login_outcome outcome;
	unsigned way;

	question->asked = true;
	for (way = 0; ways[way].name != NULL; way++) {
		if (!way_open(course, way, credential) ||
		    pass_over(course, question, way, credential)) {
			continue;
		}
		outcome = try_way(course, way, credential);
		course->way_in = way;
		if (login_lets_in(outcome) && course->session.early) {
			question->open = true;
			login_course_leave_open(course, WHY_CONTROL_FAILED,
						"'%s' is let in before any credential is sent",
						credential->user);
			return false;
		}
		if (login_lets_in(outcome) ||
		    (outcome == LOGIN_BUSY && taken_for_right(course, way, credential))) {
			return true;
		}
		take_outcome(course, question, credential, outcome);
	}
	return false;
}

bool login_course_try(struct login_course *course, struct login_question *question,
		      const struct credential *credential, const char *detail)
{
	bool in = login_course_lets_in(course, question, credential);

	if (in) {
		login_course_saw(course, question, credential->user, detail);
	}
	return in;
}

/* Returns true where the refusals before it are controlled. */
static bool log_in_again(struct login_course *course)
{
	const struct credential good = good_credential(course);
	enum login_outcome outcome = try_way(course, course->main_way, &good);

	if (outcome == LOGIN_BUSY && !course->full_wrong &&
	    taken_for_right(course, course->main_way, &good)) {
		return true;
	}
	if (login_unanswered(outcome)) {
		leave_unanswered(course, &good, outcome);
		return false;
	}
	probe_saw_bool(course->run, "good_login_after", login_lets_in(outcome));
	if (!login_lets_in(outcome)) {
		leave_bad_control(course, outcome, "at the end");
	}
	return login_lets_in(outcome);
}

/* At the end it is known which ways are offered: names that no account has were tried by all. */
static void leave_passed_over(struct login_course *course, struct login_question *question)
{
	const struct login_way *ways = course->session.driver->ways;
	unsigned way;

	for (way = 0; ways[way].name != NULL; way++) {
		if (question->passed_over[way] != NULL && !not_offered(course, way)) {
			question->open = true;
			login_course_leave_open(course, WHY_BUDGET_SPENT,
						"'%s' was not tried by %s: it could lock the "
						"account; " LOGIN_RAISE,
						question->passed_over[way], ways[way].name);
		}
	}
}

int login_course_end(struct login_course *course, struct login_question *questions, size_t count)
{
	bool controlled =
		course->good || course->full ? log_in_again(course) : !course->takes_passwords;
	size_t i;

	saw_ways(course);
	probe_saw_bool(course->run, "controlled", controlled);
	for (i = 0; i < count; i++) {
		leave_passed_over(course, &questions[i]);
		if (controlled && questions[i].asked && !questions[i].found && !questions[i].open) {
			probe_saw_none(course->run, questions[i].fact);
		}
	}
	if (course->why != WHY_NONE) {
		return probe_give_up(course->run, course->why, "%s", course->reason);
	}
	return 0;
}
