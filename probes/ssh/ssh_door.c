/* ssh_door: logins by libssh (RFC 4252, RFC 4256). Contract in ssh_door.h. */
#include <libssh/libssh.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probes/session/session_words.h"
#include "probes/ssh/ssh_door.h"

#include "harness/banned.h"

enum {
	DIAL_MS = 10000,
	STEP_MS = 20000, /* a key exchange or a login; PAM delays by seconds */
	LOOK_MS = 2000,  /* for what a shell says first */
	ROUNDS_MAX = 8,  /* of questions in keyboard-interactive */
};

/* Everything libssh has: a weak device must be tested as well. */
static const struct {
	enum ssh_options_e option;
	const char *list;
} algorithms[] = {
	{SSH_OPTIONS_KEY_EXCHANGE,
	 "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
	 "ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group18-sha512,"
	 "diffie-hellman-group16-sha512,diffie-hellman-group-exchange-sha256,"
	 "diffie-hellman-group14-sha256,diffie-hellman-group14-sha1,"
	 "diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1"},
	{SSH_OPTIONS_HOSTKEYS, "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
			       "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256,ssh-rsa"},
	{SSH_OPTIONS_CIPHERS_C_S,
	 "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,"
	 "aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr,aes256-cbc,"
	 "aes192-cbc,aes128-cbc,3des-cbc"},
	{SSH_OPTIONS_CIPHERS_S_C,
	 "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,"
	 "aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr,aes256-cbc,"
	 "aes192-cbc,aes128-cbc,3des-cbc"},
	{SSH_OPTIONS_HMAC_C_S, "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
			       "hmac-sha1-etm@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"},
	{SSH_OPTIONS_HMAC_S_C, "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
			       "hmac-sha1-etm@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"},
};

static void step_begins(struct ssh_door *door)
{
	door->deadline = clock_ns() + STEP_MS * NS_PER_MS;
}

/* Waits for the device between two calls that had to be made again. Returns
 * false when there is nothing to wait for any more. */
static bool step_waits(struct ssh_door *door)
{
	enum { ROUND_MS = 200 };
	struct pollfd peer = {.fd = ssh_get_fd(door->ssh), .events = POLLIN};
	int left = clock_left_ms(door->deadline);
	int closed = SSH_CLOSED | SSH_CLOSED_ERROR;

	if (left == 0 || peer.fd < 0) {
		return false;
	}
	if ((ssh_get_poll_flags(door->ssh) & SSH_WRITE_PENDING) != 0) {
		peer.events |= POLLOUT;
	}
	poll(&peer, 1, left < ROUND_MS ? left : ROUND_MS);
	if ((peer.revents & (POLLHUP | POLLERR)) != 0 && (peer.revents & POLLIN) == 0) {
		return false;
	}
	return (ssh_get_status(door->ssh) & closed) == 0;
}

static int prepare(struct ssh_door *door, const char *user, int fd)
{
	static const int no = 0, rsa_bits = 768;
	static const long timeout_s = STEP_MS / 1000;
	ssh_session ssh = door->ssh;
	size_t i;
	int rc = 0;

	rc |= ssh_options_set(ssh, SSH_OPTIONS_PROCESS_CONFIG, &no);
	rc |= ssh_options_set(ssh, SSH_OPTIONS_HOST, "device");
	rc |= ssh_options_set(ssh, SSH_OPTIONS_USER, user);
	rc |= ssh_options_set(ssh, SSH_OPTIONS_SSH_DIR, "/nonexistent");
	rc |= ssh_options_set(ssh, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	rc |= ssh_options_set(ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	rc |= ssh_options_set(ssh, SSH_OPTIONS_STRICTHOSTKEYCHECK, &no);
	rc |= ssh_options_set(ssh, SSH_OPTIONS_RSA_MIN_SIZE, &rsa_bits);
	rc |= ssh_options_set(ssh, SSH_OPTIONS_TIMEOUT, &timeout_s);
	for (i = 0; i < ARRAY_SIZE(algorithms); i++) {
		rc |= ssh_options_set(ssh, algorithms[i].option, algorithms[i].list);
	}
	rc |= ssh_options_set(ssh, SSH_OPTIONS_FD, &fd);
	ssh_set_blocking(ssh, 0);
	return rc;
}

/* Version and host key are the same on every connection to one device. */
static void see_identity(struct ssh_door *door)
{
	const char *version = ssh_get_serverbanner(door->ssh);
	struct session *session = door->session;
	unsigned char *hash = NULL;
	char *text = NULL;
	ssh_key key = NULL;
	size_t size = 0;

	if (ssh_get_server_publickey(door->ssh, &key) != SSH_OK) {
		return;
	}
	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) == 0) {
		text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
	}
	if (text != NULL) {
		snprintf(door->host_key, sizeof(door->host_key), "%s %s",
			 ssh_key_type_to_char(ssh_key_type(key)), text);
		snprintf(session->identity, sizeof(session->identity), "%.100s with %s",
			 version == NULL ? "" : version, door->host_key);
		probe_note(session->run, "it is %s", session->identity);
	}
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
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
		{"rotocol version", WHY_GARBAGE}, {"isconnect", WHY_CLOSED_EARLY},
		{"closed", WHY_CLOSED_EARLY},     {"reset", WHY_CLOSED_EARLY},
		{"DISCONNECT", WHY_CLOSED_EARLY},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strstr(reason, rows[i].part) != NULL) {
			return rows[i].why;
		}
	}
	return WHY_CANNOT_OFFER;
}

/* What the step that just failed failed by. Returns -1. */
static int fail(struct ssh_door *door, const char *what)
{
	const char *reason = ssh_get_error(door->ssh);

	if (clock_left_ms(door->deadline) == 0) {
		return session_failed(door->session, WHY_NO_ANSWER, "'%s' did not %s within %d s",
				      door->session->service->name, what, STEP_MS / 1000);
	}
	if (reason[0] == '\0') {
		reason = "the connection was closed";
	}
	return session_failed(door->session, why_of(reason), "'%s' did not %s: %s",
			      door->session->service->name, what, reason);
}

int ssh_door_open(struct ssh_door *door, const char *user)
{
	int rc;

	door->fd = session_dial(door->session, DIAL_MS);
	if (door->fd < 0) {
		return -1;
	}
	door->ssh = ssh_new();
	if (door->ssh == NULL || prepare(door, user, door->fd) != 0) {
		BUG("libssh refuses the options of ssh_door");
	}
	step_begins(door);
	do {
		rc = ssh_connect(door->ssh);
	} while (rc == SSH_AGAIN && step_waits(door));
	if (rc != SSH_OK) {
		return fail(door, "begin an SSH session");
	}
	see_identity(door);
	return 0;
}

void ssh_door_close(struct ssh_door *door)
{
	if (door->ssh != NULL) {
		ssh_disconnect(door->ssh);
		ssh_free(door->ssh);
		close(door->fd);
	}
	door->ssh = NULL;
}

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
		fail(door, "answer a login");
		return LOGIN_SILENT;
	}
}

enum login_outcome ssh_door_none(struct ssh_door *door)
{
	int rc;

	step_begins(door);
	do {
		rc = ssh_userauth_none(door->ssh, NULL);
	} while (rc == SSH_AUTH_AGAIN && step_waits(door));
	door->methods = 0;
	if (rc == SSH_AUTH_DENIED || rc == SSH_AUTH_PARTIAL) {
		door->methods = (unsigned)ssh_userauth_list(door->ssh, NULL);
	}
	return outcome_of(door, rc);
}

enum login_outcome ssh_door_password(struct ssh_door *door, const char *password)
{
	int rc;

	step_begins(door);
	do {
		rc = ssh_userauth_password(door->ssh, NULL, password);
	} while (rc == SSH_AUTH_AGAIN && step_waits(door));
	return outcome_of(door, rc);
}

enum login_outcome ssh_door_key(struct ssh_door *door)
{
	ssh_key key = NULL;
	int rc;

	if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK) {
		BUG("libssh cannot make a key");
	}
	step_begins(door);
	do {
		rc = ssh_userauth_publickey(door->ssh, NULL, key);
	} while (rc == SSH_AUTH_AGAIN && step_waits(door));
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

enum login_outcome ssh_door_interactive(struct ssh_door *door, const struct credential *credential)
{
	struct dialogue dialogue = {false, false, false};
	enum login_outcome outcome;
	int rc, rounds = 0;

	step_begins(door);
	do {
		rc = ssh_userauth_kbdint(door->ssh, NULL, NULL);
		if (rc == SSH_AUTH_INFO &&
		    (rounds++ == ROUNDS_MAX || !answer(door, credential, &dialogue))) {
			return dialogue.more ? LOGIN_MORE : LOGIN_DENIED;
		}
	} while (rc == SSH_AUTH_INFO || (rc == SSH_AUTH_AGAIN && step_waits(door)));
	outcome = outcome_of(door, rc);
	return outcome == LOGIN_DENIED && dialogue.locked ? LOGIN_LOCKED : outcome;
}

/* --- a session ---------------------------------------------------------------- */

/* What a shell said, as far as it is looked at. */
struct shell {
	char text[2048];
	size_t size;
};

/* Some switches let everybody in and ask for a name inside the session: then
 * the last thing they say is that question. */
static bool shell_asks(struct shell *shell)
{
	char *line;

	while (shell->size > 0 && strchr(" \r\n", shell->text[shell->size - 1]) != NULL) {
		shell->size--;
	}
	shell->text[shell->size] = '\0';
	line = strrchr(shell->text, '\n');
	line = line == NULL ? shell->text : line + 1;
	return words_ask_name(line) || words_ask_password(line);
}

static void listen_to(struct ssh_door *door, ssh_channel channel, struct shell *shell)
{
	int got;

	door->deadline = clock_ns() + LOOK_MS * NS_PER_MS;
	while (clock_left_ms(door->deadline) > 0 && shell->size < sizeof(shell->text) - 1) {
		got = ssh_channel_read_nonblocking(
			channel, shell->text + shell->size,
			(uint32_t)(sizeof(shell->text) - 1 - shell->size), 0);
		if (got < 0 || (got == 0 && !step_waits(door))) {
			return;
		}
		shell->size += (size_t)got;
	}
}

static enum ssh_session_look look_at(struct ssh_door *door, ssh_channel channel)
{
	struct shell shell = {.size = 0};
	int rc;

	do {
		rc = ssh_channel_open_session(channel);
	} while (rc == SSH_AGAIN && step_waits(door));
	if (rc != SSH_OK) {
		return SSH_SESSION_REFUSED;
	}
	do {
		rc = ssh_channel_request_shell(channel);
	} while (rc == SSH_AGAIN && step_waits(door));
	if (rc == SSH_OK) {
		listen_to(door, channel, &shell);
	}
	return shell_asks(&shell) ? SSH_SESSION_ASKS : SSH_SESSION_OPEN;
}

enum ssh_session_look ssh_door_look(struct ssh_door *door)
{
	enum ssh_session_look look = SSH_SESSION_REFUSED;
	ssh_channel channel = ssh_channel_new(door->ssh);

	step_begins(door);
	if (channel != NULL) {
		look = look_at(door, channel);
	}
	ssh_channel_free(channel);
	return look;
}
