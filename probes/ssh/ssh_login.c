/* ssh_login: logins by libssh (RFC 4252, RFC 4256). Contract in ssh_login.h. */
#include <libssh/libssh.h>

#include <string.h>

#include "probes/session/session_words.h"
#include "probes/ssh/ssh_login.h"

#include "harness/banned.h"

enum { ROUNDS_MAX = 8 }; /* of questions in keyboard-interactive */

/*
 * OpenSSH with MaxAuthTries 1 sends SSH_MSG_DISCONNECT in the place of a
 * failure: that is a refusal, unlike a hang-up without a word. Its code is 2
 * (protocol error); RFC 4250 has 14 for "no more authentication methods".
 */
static bool disconnected_as_refusal(const char *reason)
{
	const char *at = strstr(reason, "SSH_MSG_DISCONNECT: ");

	if (at == NULL) {
		return false;
	}
	at += strlen("SSH_MSG_DISCONNECT: ");
	return strncmp(at, "2:", 2) == 0 || strncmp(at, "14:", 3) == 0;
}

static enum login_outcome outcome_of(struct ssh_door *door, int rc)
{
	switch (rc) {
	case SSH_AUTH_SUCCESS:
		return LOGIN_ACCEPTED;
	case SSH_AUTH_DENIED:
		return LOGIN_DENIED;
	case SSH_AUTH_PARTIAL:
		return LOGIN_MORE;
	default:
		if (disconnected_as_refusal(ssh_get_error(door->ssh))) {
			return LOGIN_DENIED;
		}
		ssh_door_failed(door, "answer a login");
		return LOGIN_SILENT;
	}
}

unsigned ssh_login_methods(const struct ssh_door *door)
{
	return (unsigned)ssh_userauth_list(door->ssh, NULL);
}

enum login_outcome ssh_login_none(struct ssh_door *door)
{
	int rc;

	ssh_door_begin(door);
	do {
		rc = ssh_userauth_none(door->ssh, NULL);
	} while (rc == SSH_AUTH_AGAIN && ssh_door_waits(door));
	door->methods = 0;
	if (rc == SSH_AUTH_DENIED || rc == SSH_AUTH_PARTIAL) {
		door->methods = ssh_login_methods(door);
	}
	return outcome_of(door, rc);
}

enum login_outcome ssh_login_password(struct ssh_door *door, const char *password)
{
	int rc;

	ssh_door_begin(door);
	do {
		rc = ssh_userauth_password(door->ssh, NULL, password);
	} while (rc == SSH_AUTH_AGAIN && ssh_door_waits(door));
	return outcome_of(door, rc);
}

enum login_outcome ssh_login_key(struct ssh_door *door)
{
	ssh_key key = NULL;
	int rc;

	if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK) {
		BUG("libssh cannot make a key");
	}
	ssh_door_begin(door);
	do {
		rc = ssh_userauth_publickey(door->ssh, NULL, key);
	} while (rc == SSH_AUTH_AGAIN && ssh_door_waits(door));
	ssh_key_free(key);
	return outcome_of(door, rc);
}

/* --- keyboard-interactive (RFC 4256) ---------------------------------------- */

struct dialogue {
	bool password_given; /* a second hidden question is another one */
	bool more;           /* something was asked that is neither name nor password */
	bool locked;         /* the device says that the account is blocked */
};

/* Answers the questions of one round. Returns false when that cannot be done. */
static bool answer(struct ssh_door *door, const struct credential *credential,
		   struct dialogue *dialogue)
{
	int questions = ssh_userauth_kbdint_getnprompts(door->ssh), i;
	const char *instruction = ssh_userauth_kbdint_getinstruction(door->ssh);
	const char *question, *text;
	char echo;

	dialogue->locked |= instruction != NULL && words_say_locked(instruction);
	for (i = 0; i < questions; i++) {
		question = ssh_userauth_kbdint_getprompt(door->ssh, (unsigned)i, &echo);
		text = "";
		if (question != NULL && words_ask_name(question)) {
			text = credential->user;
		} else if (echo == 0 && !dialogue->password_given) {
			dialogue->password_given = true;
			text = credential->password;
		} else if (echo == 0) {
			/* the password again after a wrong one, or a code */
			dialogue->more = question == NULL || !words_ask_password(question);
			return false;
		}
		if (ssh_userauth_kbdint_setanswer(door->ssh, (unsigned)i, text) < 0) {
			return false;
		}
	}
	return true;
}

enum login_outcome ssh_login_interactive(struct ssh_door *door, const struct credential *credential)
{
	struct dialogue dialogue = {false, false, false};
	enum login_outcome outcome;
	int rc, rounds = 0;

	ssh_door_begin(door);
	do {
		rc = ssh_userauth_kbdint(door->ssh, NULL, NULL);
		if (rc == SSH_AUTH_INFO &&
		    (rounds++ == ROUNDS_MAX || !answer(door, credential, &dialogue))) {
			return dialogue.more ? LOGIN_MORE : LOGIN_DENIED;
		}
	} while (rc == SSH_AUTH_INFO || (rc == SSH_AUTH_AGAIN && ssh_door_waits(door)));
	outcome = outcome_of(door, rc);
	return outcome == LOGIN_DENIED && dialogue.locked ? LOGIN_LOCKED : outcome;
}
