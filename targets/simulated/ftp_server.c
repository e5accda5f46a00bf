/* ftp_server: the control connection of FTP (RFC 959): login and harmless
 * commands; there is no data connection. */
#include "targets/simulated/device.h"
#include <string.h>
#include <strings.h>

#include "harness/banned.h"

struct ftp_session {
	char user[64];
	bool inside; /* logged in */
};

static uint16_t ftp_port(const struct traits *traits)
{
	return traits->value[TRAIT_FTP] ? 21 : 0;
}

static void *ftp_start(const struct device *device, struct text *why)
{
	(void)why;
	return device->shared;
}

static const char *ftp_user(const struct device *device, struct ftp_session *session,
			    const char *user)
{
	size_t size = strnlen(user, sizeof(session->user) - 1);

	(void)device;
	memcpy(session->user, user, size);
	session->user[size] = '\0';
	session->inside = false;
	return "331 Password required\r\n";
}

static const char *ftp_pass(const struct device *device, struct ftp_session *session,
			    const char *password)
{
	bool anonymous = strcasecmp(session->user, "anonymous") == 0 ||
			 strcasecmp(session->user, "ftp") == 0;

	if (*session->user == '\0')
		return "503 Login with USER first\r\n";
	if (anonymous)
		session->inside = device_trait(device, TRAIT_FTP_ANONYMOUS) != 0;
	else
		session->inside = account_login(device, session->user, password);
	return session->inside ? "230 Logged in\r\n" : "530 Login incorrect\r\n";
}

/* Commands that need a login and those that do not; answers as in RFC 959. */
static const struct {
	const char *command;
	bool login;
	const char *answer;
} answers[] = {
	{"QUIT", false, "221 Goodbye\r\n"},
	{"NOOP", false, "200 Done\r\n"},
	{"SYST", true, "215 UNIX Type: L8\r\n"},
	{"PWD", true, "257 \"/\" is the current directory\r\n"},
	{"TYPE", true, "200 Done\r\n"},
	{"CWD", true, "250 Done\r\n"},
	{"PASV", true, "425 No data connection here\r\n"},
	{"EPSV", true, "425 No data connection here\r\n"},
	{"LIST", true, "425 No data connection here\r\n"},
	{"AUTH", false, "502 Not implemented\r\n"},
};

static const char *ftp_answer(const struct device *device, struct ftp_session *session, char *line)
{
	size_t size = strcspn(line, " ");
	const char *argument = line + size + (line[size] == ' ');

	line[size] = '\0';
	if (strcasecmp(line, "USER") == 0)
		return ftp_user(device, session, argument);
	if (strcasecmp(line, "PASS") == 0)
		return ftp_pass(device, session, argument);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (strcasecmp(answers[i].command, line) == 0)
			return answers[i].login && !session->inside ? "530 Please log in\r\n"
								    : answers[i].answer;
	return "502 Not implemented\r\n";
}

static void ftp_serve(const struct device *device, void *context, int fd)
{
	struct ftp_session session = {0};
	char line[256];
	const char *answer = "220 Controller FTP\r\n";

	(void)context;
	while (peer_say(fd, answer) == 0 && strncmp(answer, "221", 3) != 0 &&
	       peer_line(fd, line, sizeof(line)) >= 0)
		answer = ftp_answer(device, &session, line);
}

const struct server server_ftp = {"ftp", SERVICE_FTP, ftp_port, ftp_start, ftp_serve};
