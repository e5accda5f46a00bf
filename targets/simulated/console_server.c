/* console_server: the simulated device's clear-text consoles: Telnet (RFC 854)
 * and a debug console that nobody declared. */
#include "targets/simulated/device.h"
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

#define NOTICE "Authorised use only. Use of this controller is recorded.\r\n"

static uint16_t telnet_port(const struct traits *traits)
{
	return traits->value[TRAIT_TELNET] ? 23 : 0;
}

static uint16_t hidden_port(const struct traits *traits)
{
	return (uint16_t)traits->value[TRAIT_HIDDEN_PORT];
}

/* A server without a context of its own still has to return one. */
static void *console_start(const struct device *device, struct text *why)
{
	(void)why;
	return device->shared;
}

/* Echoes commands until 'exit'. */
static void shell_run(const struct device *device, int fd, const char *prompt)
{
	char line[256], answer[320];

	for (;;) {
		if (peer_say(fd, prompt) < 0 || peer_line(fd, line, sizeof(line)) < 0 ||
		    strcmp(line, "exit") == 0)
			return;
		if (strcmp(line, "version") == 0)
			snprintf(answer, sizeof(answer), "%s 1.0\r\n", device->name);
		else
			snprintf(answer, sizeof(answer), "unknown command '%s'\r\n", line);
		if (*line && peer_say(fd, answer) < 0)
			return;
	}
}

static bool telnet_login(const struct device *device, int fd)
{
	static const unsigned char hide[] = {255, 251, 1}; /* WILL ECHO */
	static const unsigned char show[] = {255, 252, 1}; /* WONT ECHO */
	char user[64], password[128];

	for (int attempt = 0; attempt < 3; attempt++) {
		if (peer_say(fd, "login: ") < 0 || peer_line(fd, user, sizeof(user)) < 0 ||
		    peer_send(fd, hide, sizeof(hide)) < 0 || peer_say(fd, "Password: ") < 0 ||
		    peer_line(fd, password, sizeof(password)) < 0 ||
		    peer_send(fd, show, sizeof(show)) < 0)
			return false;
		if (account_login(device, user, password)) {
			peer_say(fd, "\r\nWelcome.\r\n");
			return true;
		}
		if (peer_say(fd, "\r\nLogin incorrect\r\n") < 0)
			return false;
	}
	return false;
}

static void telnet_serve(const struct device *device, void *context, int fd)
{
	/* WILL ECHO, WILL SUPPRESS GO AHEAD, DO TERMINAL TYPE. */
	static const unsigned char options[] = {255, 251, 1, 255, 251, 3, 255, 253, 24};

	(void)context;
	peer_send(fd, options, sizeof(options));
	if (device_trait(device, TRAIT_NOTICE))
		peer_say(fd, NOTICE);
	if (device_trait(device, TRAIT_TELNET_SHELL) || telnet_login(device, fd))
		shell_run(device, fd, "controller> ");
}

static void hidden_serve(const struct device *device, void *context, int fd)
{
	(void)context;
	shell_run(device, fd, "debug> ");
}

const struct server server_telnet = {"telnet", SERVICE_TELNET, telnet_port, console_start,
				     telnet_serve};
const struct server server_hidden = {"hidden", SERVICE_HIDDEN, hidden_port, console_start,
				     hidden_serve};
