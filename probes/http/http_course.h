/*
 * http_course: the order of attempts that every password login is put
 * through, whatever its protocol: the good one, the ones that must be refused,
 * the good one again. A refusal counts only between two good logins.
 */
#ifndef ASSAY_PROBES_HTTP_COURSE_H
#define ASSAY_PROBES_HTTP_COURSE_H

#include "probes/probe.h"

struct http_course {
	struct probe_run *run;
	const struct account *account; /* whose password is good */
	const char *pairs;             /* "user:password ..." tried as delivered ones; "":
	                    * none */
	bool try_empty;                /* the protocol can carry an empty password */
	void *state;                   /* the caller's, given to attempt() */
	/* Tries one login on a session of its own. Returns 1 if it was let in,
	 * 0 if it was refused, -1 with the run given up. */
	int (*attempt)(void *state, const char *user, const char *password);
};

/*
 * Reports good_login_before, wrong_password_accepted, empty_password_accepted
 * (with try_empty), random_password_accepted, default_accepted (with pairs,
 * unless random ones are let in) and good_login_after. Returns 0, or -1 with
 * the run given up.
 */
int http_course_run(const struct http_course *course);

/*
 * Takes the next "user:password" from *at, separated by spaces or commas, into
 * user and password of 64 bytes each. Returns false at the end; pairs that do
 * not fit or have no colon are left out.
 */
bool http_pair_next(const char **at, char *user, char *password);

#endif
