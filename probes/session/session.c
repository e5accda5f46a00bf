/* session: connections, payment and patience of a login. Contract in session.h. */
#include "probes/session/session.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

enum {
	SENT_MOST = 2,    /* a login without an answer may have been counted by the device */
	SILENT_MOST = 2,  /* logins in a row without an answer */
	RESERVE_MS = 500, /* of the observation's time, for its end */
};

/* Waits before the tries after the first: a limit of connections a second, of one session at a
 * time, a penalty of some seconds. */
static const int pauses_ms[] = {1000, 4000, 16000};

const char *login_word(enum login_outcome outcome)
{
	static const char *const words[] = {
		[LOGIN_ACCEPTED] = "accepted",
		[LOGIN_MUST_CHANGE] = "accepted, a new password is demanded",
		[LOGIN_MORE] = "a further factor is demanded",
		[LOGIN_DENIED] = "denied",
		[LOGIN_LOCKED] = "denied, the account is blocked",
		[LOGIN_NOT_OFFERED] = "not offered",
		[LOGIN_SHUT_OUT] = "no login could be tried",
		[LOGIN_BUSY] = "an answer that tells neither right nor wrong",
		[LOGIN_SILENT] = "no answer",
		[LOGIN_READY] = "ready",
		[LOGIN_NOT_TRIED] = "not tried, the budget is spent",
	};

	return words[outcome];
}

void session_init(struct session *session, struct probe_run *run, const struct service *service)
{
	*session = (struct session){.run = run, .service = service};
	session->driver = probe_driver(run, service);
	session->state = probe_alloc(run, session->driver->state_size + 1);
}

int session_failed(struct session *session, enum why why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(session->reason, sizeof(session->reason), format, arguments);
	va_end(arguments);
	session->why = why;
	return -1;
}

int session_dial(struct session *session, int timeout_ms)
{
	int fd = probe_dial(session->run, session->service, timeout_ms);
	const char *sentence = NULL;
	enum why why;

	if (fd >= 0) {
		return fd;
	}
	why = probe_dial_why(fd, &sentence);
	return session_failed(session, why, "'%s' (port %u): %s", session->service->name,
			      session->service->port, sentence);
}

/* True if it is the device of the first connection, as far as that is known. */
static bool same_device(struct session *session)
{
	const char *now = session->identity, *first = session->first_identity;

	if (now[0] == '\0' || strcmp(now, first) == 0) {
		return true;
	}
	if (first[0] == '\0') {
		memcpy(session->first_identity, now, sizeof(session->first_identity));
		return true;
	}
	session->other = true;
	session_failed(session, WHY_WRONG_DEVICE, "another device answers: %.90s before, %.90s now",
		       first, now);
	return false;
}

static bool pay(struct session *session, const struct credential *credential)
{
	if (credential->right || credential->kind == CREDENTIAL_NONE ||
	    probe_spend(session->run, SPEND_FAILED_LOGIN, credential->user) == 0) {
		return true;
	}
	session_failed(session, WHY_BUDGET_SPENT,
		       "the profile's budget of failed logins as '%s' is spent", credential->user);
	return false;
}

/* A right login that was refused is a failed one for the device; one that was let in may end its
 * count of them. */
static void settle_account(struct session *session, const struct credential *credential,
			   enum login_outcome outcome)
{
	if (credential->right && outcome == LOGIN_ACCEPTED &&
	    profile_login_resets(probe_profile(session->run), credential->user)) {
		(void)probe_spend(session->run, SPEND_GOOD_LOGIN, credential->user);
	}
	if (credential->right && (outcome == LOGIN_DENIED || outcome == LOGIN_LOCKED)) {
		(void)probe_spend(session->run, SPEND_FAILED_LOGIN, credential->user);
	}
}

/* One login on a connection of its own. *sent counts those whose bytes went. */
static enum login_outcome login_once(struct session *session, const struct credential *credential,
				     int *sent)
{
	const struct session_driver *driver = session->driver;
	enum login_outcome outcome;

	memset(session->state, 0, driver->state_size);
	session->identity[0] = '\0';
	outcome = driver->open(session, credential);
	session->early = login_lets_in(outcome) && credential->kind != CREDENTIAL_NONE;
	if (outcome == LOGIN_READY && same_device(session)) {
		outcome = LOGIN_NOT_TRIED;
		if (pay(session, credential)) {
			(*sent)++;
			outcome = driver->login(session, credential);
			settle_account(session, credential, outcome);
		}
	}
	if (!same_device(session)) {
		outcome = LOGIN_SHUT_OUT;
	}
	if (login_lets_in(outcome) && driver->logout != NULL) {
		driver->logout(session);
	}
	driver->close(session);
	return outcome;
}

/* Returns false when the observation's time does not allow the pause. */
static bool pause_before(const struct session *session, size_t again)
{
	int left = clock_left_ms(probe_deadline(session->run)) - RESERVE_MS;

	if (left <= pauses_ms[again]) {
		return false;
	}
	poll(NULL, 0, pauses_ms[again]);
	return true;
}

/* A service that never answered is not waited for, but one that says "later". */
static bool is_waited_for(const struct session *session)
{
	return session->answered || session->why == WHY_RATE_LIMITED;
}

static enum login_outcome login_patiently(struct session *session,
					  const struct credential *credential)
{
	enum login_outcome outcome;
	int sent = 0;
	size_t again = 0;

	for (;;) {
		outcome = login_once(session, credential, &sent);
		if (!login_unanswered(outcome) || outcome == LOGIN_NOT_TRIED || session->other ||
		    !is_waited_for(session) || session->full || sent == SENT_MOST ||
		    again == ARRAY_SIZE(pauses_ms)) {
			return outcome;
		}
		probe_note(session->run, "%s as %s: %s; trying again", credential->what,
			   credential->user, session->reason);
		if (!pause_before(session, again++)) {
			return outcome;
		}
	}
}

enum login_outcome session_login(struct session *session, unsigned way,
				 const struct credential *credential)
{
	enum login_outcome outcome = LOGIN_SHUT_OUT;

	session->way = way;
	if (credential->right) {
		session->right_user = credential->user;
	}
	if (session->other || (session->shut_out && !credential->right)) {
		return LOGIN_SHUT_OUT;
	}
	outcome = login_patiently(session, credential);
	session->answered |= !login_unanswered(outcome);
	session->full = outcome == LOGIN_BUSY;
	session->silent = outcome == LOGIN_SILENT ? session->silent + 1 : 0;
	session->shut_out = outcome == LOGIN_SHUT_OUT || session->silent >= SILENT_MOST;
	probe_note(session->run, "%s as %s by %s: %s%s%s", credential->what, credential->user,
		   session->driver->ways[way].name, login_word(outcome),
		   login_unanswered(outcome) ? ": " : "",
		   login_unanswered(outcome) ? session->reason : "");
	return outcome;
}
