/* ssh_server: SSH (RFC 4251 to 4254) through libssh, with a password login and
 * a shell that does nothing. */
#include "harness/base/clock.h"
#include "targets/simulated/device.h"
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

#define NOTICE    "Authorised use only. Use of this controller is recorded.\n"
#define SESSION_S 600

/* What the server offers, best first; index: TRAIT_SSH_WEAK. */
static const struct {
	enum ssh_bind_options_e option;
	const char *lists[2];
} offers[] = {
	{SSH_BIND_OPTIONS_KEY_EXCHANGE,
	 {"curve25519-sha256,curve25519-sha256@libssh.org,"
	  "diffie-hellman-group16-sha512",
	  "curve25519-sha256,ecdh-sha2-nistp256,"
	  "diffie-hellman-group14-sha1,diffie-hellman-group1-sha1"}},
	{SSH_BIND_OPTIONS_CIPHERS_C_S,
	 {"aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,"
	  "aes128-ctr",
	  "aes256-ctr,aes128-ctr,aes256-cbc,aes128-cbc,3des-cbc"}},
	{SSH_BIND_OPTIONS_CIPHERS_S_C,
	 {"aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,"
	  "aes128-ctr",
	  "aes256-ctr,aes128-ctr,aes256-cbc,aes128-cbc,3des-cbc"}},
	{SSH_BIND_OPTIONS_HMAC_C_S,
	 {"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
	  "hmac-sha2-256,hmac-sha2-512",
	  "hmac-sha2-256,hmac-sha1"}},
	{SSH_BIND_OPTIONS_HMAC_S_C,
	 {"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
	  "hmac-sha2-256,hmac-sha2-512",
	  "hmac-sha2-256,hmac-sha1"}},
	{SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, {"ssh-ed25519", "ssh-ed25519,rsa-sha2-256,ssh-rsa"}},
};

/* libssh's bind is configured anew for each connection: it is not made to be
 * shared by threads. */
struct ssh_context {
	char ed25519[320], rsa[320];
	bool weak;
};

struct ssh_login {
	const struct device *device;
	ssh_session session;
	ssh_channel channel;
	struct ssh_channel_callbacks_struct *shell; /* callbacks; borrowed */
	int tries;
	bool inside, done, noticed;
};

static uint16_t ssh_port(const struct traits *traits)
{
	return traits->value[TRAIT_SSH] ? 22 : 0;
}

static void *ssh_start(const struct device *device, struct text *why)
{
	struct ssh_context *context = calloc(1, sizeof(*context));

	if (!context || ssh_init() != SSH_OK) {
		text_error(why, "cannot start libssh");
		free(context);
		return NULL;
	}
	snprintf(context->ed25519, sizeof(context->ed25519), "%s/ssh_ed25519", device->directory);
	snprintf(context->rsa, sizeof(context->rsa), "%s/ssh_rsa", device->directory);
	context->weak = device_trait(device, TRAIT_SSH_WEAK) != 0;
	return context;
}

static ssh_bind bind_make(const struct ssh_context *context)
{
	ssh_bind listener = ssh_bind_new();
	bool no = false;

	if (!listener)
		return NULL;
	/* The host's /etc/ssh must not change what the device offers. */
	ssh_bind_options_set(listener, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
	ssh_bind_options_set(listener, SSH_BIND_OPTIONS_HOSTKEY, context->ed25519);
	if (context->weak)
		ssh_bind_options_set(listener, SSH_BIND_OPTIONS_HOSTKEY, context->rsa);
	for (size_t i = 0; i < ARRAY_SIZE(offers); i++)
		if (ssh_bind_options_set(listener, offers[i].option,
					 offers[i].lists[context->weak]) < 0) {
			fprintf(stderr, "ssh: '%s' refused\n", offers[i].lists[context->weak]);
			ssh_bind_free(listener);
			return NULL;
		}
	return listener;
}

/* Once, with the first answer: before the client has asked for the service a
 * banner would be out of turn (RFC 4252, 5.4). */
static void login_notice(struct ssh_login *login)
{
	ssh_string notice = NULL;

	if (login->noticed || !device_trait(login->device, TRAIT_NOTICE))
		return;
	login->noticed = true;
	notice = ssh_string_from_char(NOTICE);
	if (notice)
		ssh_send_issue_banner(login->session, notice);
	ssh_string_free(notice);
}

static int on_password(ssh_session session, const char *user, const char *password, void *userdata)
{
	struct ssh_login *login = userdata;

	(void)session;
	login_notice(login);
	if (account_login(login->device, user, password)) {
		login->inside = true;
		return SSH_AUTH_SUCCESS;
	}
	login->done = ++login->tries >= device_trait(login->device, TRAIT_SSH_TRIES);
	return SSH_AUTH_DENIED;
}

/* Once with the key alone, once with a signature: whoever it is, he is let in. */
static int on_key(ssh_session session, const char *user, struct ssh_key_struct *key, char state,
		  void *userdata)
{
	struct ssh_login *login = userdata;

	(void)session;
	(void)user;
	(void)key;
	login_notice(login);
	if (state == SSH_PUBLICKEY_STATE_VALID)
		login->inside = true;
	return state == SSH_PUBLICKEY_STATE_VALID || state == SSH_PUBLICKEY_STATE_NONE
		       ? SSH_AUTH_SUCCESS
		       : SSH_AUTH_DENIED;
}

static int on_none(ssh_session session, const char *user, void *userdata)
{
	struct ssh_login *login = userdata;

	(void)session;
	(void)user;
	login_notice(login);
	if (!device_trait(login->device, TRAIT_SSH_NONE))
		return SSH_AUTH_DENIED;
	login->inside = true;
	return SSH_AUTH_SUCCESS;
}

static int on_pty(ssh_session session, ssh_channel channel, const char *term, int width, int height,
		  int pxwidth, int pxheight, void *userdata)
{
	(void)session;
	(void)channel;
	(void)term;
	(void)width;
	(void)height;
	(void)pxwidth;
	(void)pxheight;
	(void)userdata;
	return 0;
}

static int on_shell(ssh_session session, ssh_channel channel, void *userdata)
{
	static const char prompt[] = "controller> ";

	(void)session;
	(void)userdata;
	ssh_channel_write(channel, prompt, sizeof(prompt) - 1);
	return 0;
}

static int on_exec(ssh_session session, ssh_channel channel, const char *command, void *userdata)
{
	struct ssh_login *login = userdata;
	char answer[320];
	int size = snprintf(answer, sizeof(answer), "unknown command '%.200s'\n", command);

	(void)session;
	ssh_channel_write(channel, answer, (uint32_t)size);
	ssh_channel_request_send_exit_status(channel, 127);
	ssh_channel_send_eof(channel);
	ssh_channel_close(channel);
	login->done = true;
	return 0;
}

static int on_data(ssh_session session, ssh_channel channel, void *data, uint32_t size,
		   int is_stderr, void *userdata)
{
	struct ssh_login *login = userdata;

	(void)session;
	(void)channel;
	(void)is_stderr;
	/* Ctrl-D, or a line that begins with 'exit'. */
	if (size > 0 && (*(char *)data == 4 || (size >= 4 && memcmp(data, "exit", 4) == 0)))
		login->done = true;
	return (int)size;
}

static ssh_channel on_open(ssh_session session, void *userdata)
{
	struct ssh_login *login = userdata;

	if (login->channel || !login->inside)
		return NULL;
	login->channel = ssh_channel_new(session);
	if (login->channel)
		ssh_set_channel_callbacks(login->channel, login->shell);
	return login->channel;
}

static void login_run(struct ssh_login *login)
{
	struct ssh_channel_callbacks_struct shell = {
		.userdata = login,
		.channel_pty_request_function = on_pty,
		.channel_shell_request_function = on_shell,
		.channel_exec_request_function = on_exec,
		.channel_data_function = on_data,
	};
	struct ssh_server_callbacks_struct server = {
		.userdata = login,
		.auth_password_function = on_password,
		.auth_none_function = on_none,
		.channel_open_request_session_function = on_open,
	};
	bool any_key = device_trait(login->device, TRAIT_SSH_ANY_KEY) != 0;
	int64_t deadline = clock_ns() + SESSION_S * NS_PER_S;
	ssh_event event = ssh_event_new();

	if (any_key)
		server.auth_pubkey_function = on_key;
	ssh_callbacks_init(&shell);
	ssh_callbacks_init(&server);
	login->shell = &shell;
	ssh_set_server_callbacks(login->session, &server);
	ssh_set_auth_methods(login->session,
			     any_key ? SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_PUBLICKEY
				     : SSH_AUTH_METHOD_PASSWORD);
	if (event && ssh_handle_key_exchange(login->session) == SSH_OK &&
	    ssh_event_add_session(event, login->session) == SSH_OK) {
		while (!login->done && clock_ns() < deadline &&
		       ssh_event_dopoll(event, 1000) != SSH_ERROR &&
		       ssh_is_connected(login->session))
			;
		ssh_event_remove_session(event, login->session);
	}
	ssh_event_free(event);
	ssh_disconnect(login->session);
}

static void ssh_serve(const struct device *device, void *context, int fd)
{
	struct ssh_login login = {.device = device, .session = NULL};
	ssh_bind listener = NULL;
	char line[256];
	int own = -1; /* libssh closes what it is given */

	if (device_trait(device, TRAIT_SSH_PROTOCOL) != 0) {
		peer_say(fd, "SSH-1.5-Controller\r\n");
		peer_line(fd, line, sizeof(line));
		return;
	}
	login.session = ssh_new();
	listener = bind_make(context);
	own = dup(fd);

	if (listener && login.session && own >= 0) {
		if (ssh_bind_accept_fd(listener, login.session, own) == SSH_OK)
			login_run(&login);
	} else if (own >= 0) {
		close(own);
	}
	ssh_free(login.session);
	ssh_bind_free(listener);
}

const struct server server_ssh = {"ssh", SERVICE_SSH, ssh_port, ssh_start, ssh_serve};
