/* ssh_driver: who an SSH server lets in, by password, keyboard-interactive, an
 * unknown key, or nothing at all. */
#include "probes/ssh/ssh_login.h"
#include "probes/ssh/ssh_shell.h"

enum { WAY_PASSWORD, WAY_INTERACTIVE };

/* session->remembers */
enum {
	HANGS_UP_ON_NONE = 1,  /* so that its methods cannot be asked for */
	OPENS_SESSIONS = 2,    /* and asks nothing in them: not looked at again */
	KEY_UNLISTED = 4,      /* a count of two bits: of refusals of keys that did not list them */
	KEY_NOT_OFFERED = 8,   /* the count is 2 */
	LAST_PASSWORD = 16,    /* the last refusal of a user who is let in by 'none' listed it */
	LAST_INTERACTIVE = 32, /* the same */
	LAST_SHIFT = 8,        /* above: who that was */
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

/* The name as the bits above LAST_SHIFT, never 0. */
static unsigned mark_of(const char *user)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (; *user != '\0'; user++) {
		hash = (hash ^ (unsigned char)*user) * 16777619u;
	}
	return (hash | 1u << 31) & ~0u << LAST_SHIFT;
}

/* 'none' lets this user in and lists no methods: what an earlier refusal listed saves a failed login
 * that would ask nothing. */
static bool known_as_unlisted(const struct session *session, const struct credential *credential)
{
	unsigned remembers = session->remembers;

	if (credential->kind == CREDENTIAL_KEY) {
		return (remembers & KEY_NOT_OFFERED) != 0;
	}
	return (remembers & ~0u << LAST_SHIFT) == mark_of(credential->user) &&
	       (remembers & (session->way == WAY_INTERACTIVE ? LAST_INTERACTIVE : LAST_PASSWORD)) ==
		       0;
}

static void remember_listed(struct session *session, const struct credential *credential,
			    unsigned methods)
{
	unsigned remembers = session->remembers &
			     (HANGS_UP_ON_NONE | OPENS_SESSIONS | KEY_UNLISTED | KEY_NOT_OFFERED);

	if (credential->kind == CREDENTIAL_KEY && (methods & SSH_AUTH_METHOD_PUBLICKEY) == 0 &&
	    (remembers & KEY_NOT_OFFERED) == 0) {
		remembers += KEY_UNLISTED;
	}
	if ((methods & SSH_AUTH_METHOD_PASSWORD) != 0) {
		remembers |= LAST_PASSWORD;
	}
	if ((methods & SSH_AUTH_METHOD_INTERACTIVE) != 0) {
		remembers |= LAST_INTERACTIVE;
	}
	session->remembers = remembers | mark_of(credential->user);
}

/* Who is let in by 'none' is asked for the credential on a connection that has not asked for
 * 'none': whether it lets in is another question. */
static enum login_outcome connect_anew(struct ssh_door *door, const struct credential *credential)
{
	ssh_door_close(door);
	if (known_as_unlisted(door->session, credential)) {
		return LOGIN_NOT_OFFERED;
	}
	if (ssh_door_open(door, credential->user) != 0) {
		return LOGIN_SHUT_OUT;
	}
	door->methods_unknown = true;
	return LOGIN_READY;
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
	if (outcome == LOGIN_ACCEPTED && credential->kind != CREDENTIAL_NONE) {
		outcome = connect_anew(door, credential);
	}
	return outcome;
}

/* A refusal lists the methods that this user may use: one that is not among them was not tried. */
static bool method_refused(const struct ssh_door *door, const struct credential *credential)
{
	unsigned methods = ssh_login_methods(door);

	if (methods != 0) {
		remember_listed(door->session, credential, methods);
	}
	return methods != 0 && (methods & method_of(door->session, credential)) == 0;
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
	} else if (outcome == LOGIN_DENIED && door->methods_unknown &&
		   method_refused(door, credential)) {
		outcome = LOGIN_NOT_OFFERED;
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
