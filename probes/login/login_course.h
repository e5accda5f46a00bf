/*
 * login_course: what the courses of logins share: the good login before and
 * after, tries by every way the service offers, and what may be said at the
 * end.
 *
 *   login_course_begin()    the good login; the ways
 *   login_course_try()...   what must be refused
 *   login_course_end()      the good login again; the facts
 *
 * What is let in is reported at once and stands, whatever comes later. That
 * nothing was let in is reported only where every try was answered and the good
 * login worked before and after ('controlled').
 */
#ifndef ASSAY_PROBES_LOGIN_COURSE_H
#define ASSAY_PROBES_LOGIN_COURSE_H

#include "probes/session/session.h"

#include "probes/probe.h"

#define LOGIN_WORD_MOST 64

/* What there is to do where tries were left out for fear of a lock-out. */
#define LOGIN_RAISE                                                                                  \
	"raise 'lockout_attempts' on the device and in the profile, or 'failed_logins', or declare " \
	"'lockout_resets_on_login' where the device does so"

/* One list fact: who or what was let in. */
struct login_question {
	const char *fact;
	bool asked;
	bool found;
	bool open;                          /* a try was not answered, or could not be made */
	const char *passed_over[WAYS_MOST]; /* the first user who was not tried by this way */
};

struct login_course {
	struct probe_run *run;
	struct session session;
	const struct account *account;
	const char *password; /* the account's own; the run's */
	unsigned main_way;    /* by which the account's own password is sent */
	bool takes_passwords; /* false: every way says that it takes none */
	bool good;            /* the good login worked at first */
	bool full;            /* it was answered that no session is free: refusals may still tell */
	const char *random_user, *random_password; /* that nobody has; no fact may hold them */

	/* The course's own. */
	unsigned way_in; /* by which a credential was let in last */
	unsigned not_offered[WAYS_MOST];
	bool used[WAYS_MOST];
	unsigned keys_not_offered; /* to so many users */
	bool keys_taken;           /* from one at least, or refused */
	int tries;
	int wrong;       /* logins as the account since the last good one */
	bool lost;       /* the good login in between was not let in: no more are tried */
	bool full_wrong; /* others than right ones are told that no session is free */
	enum why why;    /* of what was left open first; WHY_NONE: nothing was */
	char reason[400];
};

/*
 * Reads the parameters 'service' and 'account', logs in well and reports
 * good_login_before. Returns 0, also where the good login is refused: what
 * needs no good login can still be tried; or -1 with the run given up: nothing
 * answers.
 */
int login_course_begin(struct login_course *course, struct probe_run *run);
/* Tries the credential by each way until one lets in. Returns true if one does. What was not
 * answered leaves the question open. */
bool login_course_lets_in(struct login_course *course, struct login_question *question,
			  const struct credential *credential);
/* Adds the user that was let in last to the question's fact, with detail behind the name where it
 * is not NULL. */
void login_course_saw(struct login_course *course, struct login_question *question,
		      const char *user, const char *detail);
/* Both. */
bool login_course_try(struct login_course *course, struct login_question *question,
		      const struct credential *credential, const char *detail);
/* Says why something stays open; the first such sentence is the course's. */
void login_course_leave_open(struct login_course *course, enum why why, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* True if more than the least may be spent on this user name: the profile's
 * budget and limits leave room for everything at every service. Where the device forgets
 * wrong logins at a right one, the course logs in well before it is too late. */
bool login_course_roomy(const struct login_course *course, const char *user);
/* False where keys were tried as several users, and the service offered that to none of them. */
bool login_course_takes_keys(const struct login_course *course);
/*
 * Logs in well, reports good_login_after, controlled, ways and, for questions where nothing was
 * found and nothing is open, the empty list. Returns 0, or -1 with the run given up where something
 * is open.
 */
int login_course_end(struct login_course *course, struct login_question *questions, size_t count);

/* One "user:password", each of less than LOGIN_WORD_MOST bytes. Returns false where it is none. */
bool login_pair(const char *text, char *user, char *password);

/* The facts that every course reports, for its table. */
#define LOGIN_COURSE_FACTS                                                                           \
	{"ways", FACT_LIST, "", "ways to log in that it takes"},                                     \
		{"good_login_before", FACT_BOOL, "",                                                 \
		 "the account's own password worked before the others"},                             \
		{"good_login_after", FACT_BOOL, "",                                                  \
		 "the account's own password worked after the others"},                              \
	{                                                                                            \
		"controlled", FACT_BOOL, "",                                                         \
			"the refusals stand between two good logins; or beside one that is told by " \
			"them, where no session is free; or no way takes passwords at all"           \
	}

#endif
