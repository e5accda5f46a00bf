/* ssh_door: logins by libssh. Contract in ssh_door.h. */
#include <libssh/libssh.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "probes/ssh/ssh_door.h"

#include "harness/banned.h"

enum {
	DIAL_MS = 10000,
	STEP_MS = 20000, /* a key exchange or a login; PAM delays by seconds */
	LOOK_MS = 2000,  /* for what a shell says first */
	TRIES_MAX = 4,   /* OpenSSH hangs up at the sixth failure */
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
	struct pollfd peer = {.fd = ssh_get_fd(door->session), .events = POLLIN};
	int left = clock_left_ms(door->deadline);
	int closed = SSH_CLOSED | SSH_CLOSED_ERROR;

	if (left == 0 || peer.fd < 0) {
		return false;
	}
	if ((ssh_get_poll_flags(door->session) & SSH_WRITE_PENDING) != 0) {
		peer.events |= POLLOUT;
	}
	poll(&peer, 1, left < ROUND_MS ? left : ROUND_MS);
	if ((peer.revents & (POLLHUP | POLLERR)) != 0 && (peer.revents & POLLIN) == 0) {
		return false;
	}
	return (ssh_get_status(door->session) & closed) == 0;
}

static int prepare(struct ssh_door *door, const char *user, int fd)
{
	static const int no = 0, rsa_bits = 768;
	static const long timeout_s = STEP_MS / 1000;
	ssh_session session = door->session;
	size_t i;
	int rc = 0;

	rc |= ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
	rc |= ssh_options_set(session, SSH_OPTIONS_HOST, "device");
	rc |= ssh_options_set(session, SSH_OPTIONS_USER, user);
	rc |= ssh_options_set(session, SSH_OPTIONS_SSH_DIR, "/nonexistent");
	rc |= ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	rc |= ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	rc |= ssh_options_set(session, SSH_OPTIONS_STRICTHOSTKEYCHECK, &no);
	rc |= ssh_options_set(session, SSH_OPTIONS_RSA_MIN_SIZE, &rsa_bits);
	rc |= ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &timeout_s);
	for (i = 0; i < ARRAY_SIZE(algorithms); i++) {
		rc |= ssh_options_set(session, algorithms[i].option, algorithms[i].list);
	}
	rc |= ssh_options_set(session, SSH_OPTIONS_FD, &fd);
	ssh_set_blocking(session, 0);
	return rc;
}

static void note_host_key(struct ssh_door *door)
{
	unsigned char *hash = NULL;
	ssh_key key = NULL;
	char *text = NULL;
	size_t size = 0;

	if (ssh_get_server_publickey(door->session, &key) != SSH_OK) {
		return;
	}
	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) == 0) {
		text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
	}
	if (text != NULL) {
		snprintf(door->host_key, sizeof(door->host_key), "%s %s",
			 ssh_key_type_to_char(ssh_key_type(key)), text);
		probe_note(door->run, "host key: %s", door->host_key);
	}
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
}

static int fail(struct ssh_door *door)
{
	snprintf(door->reason, sizeof(door->reason), "%s", ssh_get_error(door->session));
	probe_note(door->run, "connection lost: %s", door->reason);
	ssh_door_close(door);
	return -1;
}

int ssh_door_open(struct ssh_door *door, const char *user)
{
	int fd, rc;

	if (door->session != NULL && door->tries < TRIES_MAX && strcmp(door->user, user) == 0 &&
	    ssh_is_connected(door->session)) {
		return 0;
	}
	ssh_door_close(door);
	snprintf(door->user, sizeof(door->user), "%s", user);
	fd = probe_dial(door->run, door->service, DIAL_MS);
	door->dial_error = fd < 0 ? fd : 0;
	if (fd < 0) {
		return -1;
	}
	door->fd = fd;
	door->session = ssh_new();
	if (door->session == NULL || prepare(door, user, fd) != 0) {
		BUG("libssh refuses the options of ssh_door");
	}
	step_begins(door);
	do {
		rc = ssh_connect(door->session);
	} while (rc == SSH_AGAIN && step_waits(door));
	if (rc != SSH_OK) {
		door->silent = clock_left_ms(door->deadline) == 0;
		return fail(door);
	}
	note_host_key(door);
	return 0;
}

void ssh_door_close(struct ssh_door *door)
{
	if (door->session != NULL) {
		ssh_disconnect(door->session);
		ssh_free(door->session);
		close(door->fd);
	}
	door->session = NULL;
	door->tries = 0;
}

static enum ssh_try outcome_of(struct ssh_door *door, int rc)
{
	door->tries++;
	switch (rc) {
	case SSH_AUTH_SUCCESS:
		return SSH_TRY_ACCEPTED;
	case SSH_AUTH_DENIED:
	case SSH_AUTH_PARTIAL:
		return SSH_TRY_DENIED;
	default:
		fail(door);
		return SSH_TRY_LOST;
	}
}

enum ssh_try ssh_door_none(struct ssh_door *door, unsigned *ret_methods)
{
	int rc;

	step_begins(door);
	do {
		rc = ssh_userauth_none(door->session, NULL);
	} while (rc == SSH_AUTH_AGAIN && step_waits(door));
	*ret_methods = 0;
	if (rc == SSH_AUTH_DENIED || rc == SSH_AUTH_PARTIAL) {
		*ret_methods = (unsigned)ssh_userauth_list(door->session, NULL);
	}
	return outcome_of(door, rc);
}

/* Answers every question of one round with the password. */
static void answer(struct ssh_door *door, const char *password)
{
	int questions = ssh_userauth_kbdint_getnprompts(door->session);
	int i;

	for (i = 0; i < questions; i++) {
		ssh_userauth_kbdint_setanswer(door->session, (unsigned)i, password);
	}
}

static int keyboard_interactive(struct ssh_door *door, const char *user, const char *password)
{
	int rounds = 0;
	int rc;

	do {
		rc = ssh_userauth_kbdint(door->session, user, NULL);
		if (rc == SSH_AUTH_INFO && rounds++ < ROUNDS_MAX) {
			answer(door, password);
			continue;
		}
	} while ((rc == SSH_AUTH_INFO && rounds <= ROUNDS_MAX) ||
		 (rc == SSH_AUTH_AGAIN && step_waits(door)));
	return rc;
}

enum ssh_try ssh_door_password(struct ssh_door *door, const char *user, const char *password,
			       unsigned methods)
{
	int rc;

	step_begins(door);
	if ((methods & SSH_AUTH_METHOD_PASSWORD) == 0 &&
	    (methods & SSH_AUTH_METHOD_INTERACTIVE) != 0) {
		return outcome_of(door, keyboard_interactive(door, user, password));
	}
	do {
		rc = ssh_userauth_password(door->session, user, password);
	} while (rc == SSH_AUTH_AGAIN && step_waits(door));
	return outcome_of(door, rc);
}

/* What a shell said, as far as it is looked at. */
struct shell {
	char text[2048];
	size_t size;
};

/* Some switches let everybody in and ask for a name inside the session: then
 * the last thing they say is that question. */
static bool shell_asks(const struct shell *shell)
{
	static const char *const questions[] = {
		"login:", "username:", "user name:", "user:", "password:"};
	size_t size = shell->size, word, i;

	while (size > 0 && strchr(" \r\n", shell->text[size - 1]) != NULL) {
		size--;
	}
	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		word = strlen(questions[i]);
		if (size >= word &&
		    strncasecmp(shell->text + size - word, questions[i], word) == 0) {
			return true;
		}
	}
	return false;
}

static void listen_to(struct ssh_door *door, ssh_channel channel, struct shell *shell)
{
	int got;

	door->deadline = clock_ns() + LOOK_MS * NS_PER_MS;
	while (clock_left_ms(door->deadline) > 0 && shell->size < sizeof(shell->text)) {
		got = ssh_channel_read_nonblocking(channel, shell->text + shell->size,
						   (uint32_t)(sizeof(shell->text) - shell->size),
						   0);
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
	ssh_channel channel = ssh_channel_new(door->session);

	step_begins(door);
	if (channel != NULL) {
		look = look_at(door, channel);
	}
	ssh_channel_free(channel);
	return look;
}
