/*
 * telnet_driver: who is let in by the login that a Telnet server shows (RFC 854
 * has none of its own). What answers commands has let in; what is neither a
 * login nor a command prompt that is known is no answer.
 */
#include "probes/session/session_words.h"
#include "probes/telnet/telnet_talk.h"

#include "probes/session/session.h"

#include <string.h>

#include "harness/banned.h"

enum { DIAL_MS = 3000, TEXT_MOST = 1024 };

static struct telnet_talk *talk_of(struct session *session)
{
	return session->state;
}

/* The end of what was said, as words. */
static const char *text_of(const struct telnet_talk *talk, char text[TEXT_MOST])
{
	return telnet_words(&talk->said, text, TEXT_MOST);
}

static enum login_outcome no_answer(struct session *session, enum login_outcome outcome)
{
	const struct telnet_talk *talk = talk_of(session);
	const char *name = session->service->name;
	char line[256];

	if (telnet_is_noise(&talk->said)) {
		session_failed(session, WHY_GARBAGE, "'%s' sends bytes that are no text", name);
	} else if (telnet_last_line(&talk->said, line, sizeof(line))[0] != '\0') {
		session_failed(
			session, WHY_NOT_OBSERVED,
			"'%s' shows neither a login nor a command prompt that is known: '%s'", name,
			line);
	} else if (talk->ended) {
		session_failed(session, WHY_CLOSED_EARLY, "'%s' closed before it said anything",
			       name);
	} else {
		session_failed(session, WHY_NO_ANSWER, "'%s' said nothing in %d s", name,
			       TELNET_SPEAK_MS / 1000);
	}
	return outcome;
}

static enum login_outcome no_room(struct session *session, const char *text,
				  enum login_outcome outcome)
{
	char shown[160];

	session_failed(session, WHY_RATE_LIMITED, "'%s' says: %s", session->service->name,
		       text_printable(shown, sizeof(shown), text, strlen(text)));
	return outcome;
}

static enum login_outcome telnet_open(struct session *session, const struct credential *credential)
{
	struct telnet_talk *talk = talk_of(session);
	int fd = session_dial(session, DIAL_MS);
	char text[TEXT_MOST];

	if (fd < 0) {
		return LOGIN_SHUT_OUT;
	}
	telnet_begin(talk, session->run, fd);
	telnet_listen(talk);
	if (!telnet_asks_login(&talk->said) && words_say_later(text_of(talk, text))) {
		return no_room(session, text, LOGIN_SHUT_OUT);
	}
	if (talk->said.text_size == 0 || telnet_is_noise(&talk->said)) {
		return no_answer(session, LOGIN_SHUT_OUT);
	}
	if (!telnet_asks_login(&talk->said) && telnet_answers_commands(talk)) {
		return LOGIN_ACCEPTED;
	}
	if (!telnet_asks_login(&talk->said)) {
		return no_answer(session, LOGIN_SHUT_OUT);
	}
	return credential->kind == CREDENTIAL_NONE ? LOGIN_DENIED : LOGIN_READY;
}

/* What the device's words say about a login that gave no command prompt. */
static enum login_outcome outcome_of_words(struct session *session, const char *text)
{
	const struct telnet_talk *talk = talk_of(session);

	if (words_say_must_change(text)) {
		return LOGIN_MUST_CHANGE;
	}
	if (words_say_locked(text)) {
		return LOGIN_LOCKED;
	}
	if (words_say_later(text) && !words_say_refused(text)) {
		return no_room(session, text, LOGIN_BUSY);
	}
	if (telnet_asks_login(&talk->said) || words_say_refused(text)) {
		return LOGIN_DENIED;
	}
	return no_answer(session, LOGIN_SILENT);
}

/* A prompt after a login is tried: it counts where it answers. */
static enum login_outcome outcome_of(struct session *session)
{
	struct telnet_talk *talk = talk_of(session);
	char text[TEXT_MOST];

	/* between the refusal and the next question lie seconds */
	if (!telnet_asks_login(&talk->said) && !telnet_shows_prompt(&talk->said) &&
	    words_say_refused(text_of(talk, text))) {
		telnet_listen(talk);
	}
	text_of(talk, text);
	if (!telnet_asks_login(&talk->said) && !talk->ended && telnet_answers_commands(talk)) {
		return LOGIN_ACCEPTED;
	}
	return outcome_of_words(session, text);
}

static enum login_outcome telnet_login(struct session *session, const struct credential *credential)
{
	struct telnet_talk *talk = talk_of(session);

	if (telnet_asks(&talk->said) == TELNET_ASKS_NAME) {
		if (telnet_type(talk, credential->user) != 0) {
			return no_answer(session, LOGIN_SILENT);
		}
	} else if (credential->own && session->right_user != NULL &&
		   strcmp(credential->user, session->right_user) != 0) {
		return LOGIN_NOT_OFFERED; /* names are not asked for */
	}
	if (telnet_asks(&talk->said) == TELNET_ASKS_PASSWORD &&
	    telnet_type(talk, credential->password) != 0) {
		return no_answer(session, LOGIN_SILENT);
	}
	return outcome_of(session);
}

static void telnet_logout(struct session *session)
{
	(void)telnet_type(talk_of(session), "exit");
}

static void telnet_close(struct session *session)
{
	telnet_end(talk_of(session));
}

static const struct login_way ways[] = {
	{"Telnet", true},
	{NULL, false},
};

const struct session_driver driver_telnet = {
	.protocols = {"telnet"},
	.source = "RFC 854, RFC 855",
	.can = CAN_NONE | CAN_EMPTY_PASSWORD,
	.ways = ways,
	.state_size = sizeof(struct telnet_talk),
	.open = telnet_open,
	.login = telnet_login,
	.logout = telnet_logout,
	.close = telnet_close,
};
