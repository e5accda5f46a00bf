/* ssh_door: a connection by libssh (RFC 4253). Contract in ssh_door.h. */
#include <libssh/libssh.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probes/ssh/ssh_door.h"

#include "harness/banned.h"

enum {
	DIAL_MS = 10000,
	STEP_MS = 20000, /* a key exchange or a login; PAM delays by seconds */
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

void ssh_door_begin(struct ssh_door *door)
{
	door->deadline = clock_ns() + STEP_MS * NS_PER_MS;
}

bool ssh_door_waits(struct ssh_door *door)
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

int ssh_door_failed(struct ssh_door *door, const char *what)
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
	ssh_door_begin(door);
	do {
		rc = ssh_connect(door->ssh);
	} while (rc == SSH_AGAIN && ssh_door_waits(door));
	if (rc != SSH_OK) {
		return ssh_door_failed(door, "begin an SSH session");
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
