/* ssh_driver: who an SSH server lets in, by password, keyboard-interactive, an
 * unknown key, or nothing at all. */
#include "probes/ssh/ssh_login.h"
#include "probes/ssh/ssh_shell.h"

enum { WAY_PASSWORD, WAY_INTERACTIVE };

/* session->remembers */
enum {
	HANGS_UP_ON_NONE = 1, /* so that its methods cannot be asked for */
	OPENS_SESSIONS = 2,   /* and asks nothing in them: not looked at again */
};

static struct ssh_door *door_of(struct session *session)
{
	struct ssh_door *door = session->state;

	door->session = session;
	return door;
}

/* A server that accepts 'none', or whatever it is given, is looked at: its
 * shell may ask inside, and then nobody has been let in. */
static enum login_outcome look(struct ssh_door *door, const struct credential *credential)
{
	if ((door->session->remembers & OPENS_SESSIONS) != 0) {
		return LOGIN_ACCEPTED;
	}
	switch (ssh_shell_look(door)) {
	case SSH_SHELL_OPEN:
		door->session->remembers |= OPENS_SESSIONS;
		return LOGIN_ACCEPTED;
	case SSH_SHELL_ASKS:
		return credential->kind == CREDENTIAL_NONE ? LOGIN_DENIED : LOGIN_NOT_OFFERED;
	case SSH_SHELL_REFUSED:
		break;
	}
	session_failed(door->session, WHY_NOT_OBSERVED,
		       "'%s' accepted the login, but opened no session",
		       door->session->service->name);
	return LOGIN_SILENT;
}

static unsigned method_of(const struct session *session, const struct credential *credential)
{
	static const unsigned by_way[] = {
		[WAY_PASSWORD] = SSH_AUTH_METHOD_PASSWORD,
		[WAY_INTERACTIVE] = SSH_AUTH_METHOD_INTERACTIVE,
	};

	return credential->kind == CREDENTIAL_KEY ? SSH_AUTH_METHOD_PUBLICKEY
						  : by_way[session->way];
}

/* Asks for access without credentials, as every client does first: the answer
 * lists the methods this user may use. */
static enum login_outcome ask_methods(struct ssh_door *door, const struct credential *credential)
{
	struct session *session = door->session;
	enum login_outcome outcome = ssh_login_none(door);

	switch (outcome) {
	case LOGIN_ACCEPTED:
		return look(door, credential);
	case LOGIN_DENIED:
	case LOGIN_MORE:
		if (credential->kind == CREDENTIAL_NONE) {
			return LOGIN_DENIED;
		}
		return (door->methods & method_of(session, credential)) != 0 ? LOGIN_READY
									     : LOGIN_NOT_OFFERED;
	default:
		return LOGIN_SHUT_OUT;
	}
}

static enum login_outcome connect_as(struct ssh_door *door, const struct credential *credential)
{
	if (ssh_door_open(door, credential->user) != 0) {
		return LOGIN_SHUT_OUT;
	}
	if ((door->session->remembers & HANGS_UP_ON_NONE) == 0) {
		return ask_methods(door, credential);
	}
	/* it hung up on 'none', and does begin sessions */
	return credential->kind == CREDENTIAL_NONE ? LOGIN_DENIED : LOGIN_READY;
}

static enum login_outcome ssh_open(struct session *session, const struct credential *credential)
{
	struct ssh_door *door = door_of(session);
	enum login_outcome outcome = connect_as(door, credential);

	if (outcome == LOGIN_SHUT_OUT && door->ssh != NULL && session->identity[0] != '\0' &&
	    (session->remembers & HANGS_UP_ON_NONE) == 0 && session->why == WHY_CLOSED_EARLY) {
		session->remembers |= HANGS_UP_ON_NONE;
		ssh_door_close(door);
		outcome = connect_as(door, credential);
	}
	return outcome;
}

static enum login_outcome ssh_login(struct session *session, const struct credential *credential)
{
	struct ssh_door *door = door_of(session);
	enum login_outcome outcome;

	if (credential->kind == CREDENTIAL_KEY) {
		outcome = ssh_login_key(door);
	} else if (session->way == WAY_INTERACTIVE) {
		outcome = ssh_login_interactive(door, credential);
	} else {
		outcome = ssh_login_password(door, credential->password);
	}
	if (outcome == LOGIN_ACCEPTED && !credential->right) {
		outcome = look(door, credential);
	}
	return outcome;
}

static void ssh_close(struct session *session)
{
	ssh_door_close(door_of(session));
}

static const struct login_way ways[] = {
	{"password", false},
	{"keyboard-interactive", false},
	{NULL, false},
};

const struct session_driver driver_ssh = {
	.protocols = {"ssh"},
	.source = "RFC 4252, RFC 4256",
	.can = CAN_NONE | CAN_EMPTY_PASSWORD | CAN_KEY,
	.ways = ways,
	.state_size = sizeof(struct ssh_door),
	.open = ssh_open,
	.login = ssh_login,
	.close = ssh_close,
};
