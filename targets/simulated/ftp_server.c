/* ftp_server: the control connection of FTP (RFC 959), in clear text or inside
 * TLS (RFC 4217): login and harmless commands; there is no data connection. */
#include "targets/simulated/device.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "harness/banned.h"

struct ftp_session {
	int fd;
	SSL *tls; /* NULL: in clear text */
	char user[64];
	bool inside; /* logged in */
};

static uint16_t ftp_port(const struct traits *traits)
{
	return traits->value[TRAIT_FTP] ? 21 : 0;
}

/* Returns the TLS context, or what stands for none where the trait has none. */
static void *ftp_start(const struct device *device, struct text *why)
{
	char chain[320], key[320];
	SSL_CTX *tls = NULL;

	if (device_trait(device, TRAIT_FTP_TLS) == FTP_TLS_OFF)
		return device->shared;
	snprintf(chain, sizeof(chain), "%s/tls.pem", device->directory);
	snprintf(key, sizeof(key), "%s/tls.key", device->directory);
	tls = SSL_CTX_new(TLS_server_method());
	if (tls)
		SSL_CTX_set_security_level(tls, 0); /* a key of 1024 bit is a trait */
	if (tls && SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_use_certificate_chain_file(tls, chain) == 1 &&
	    SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1)
		return tls;
	text_error(why, "cannot set up TLS: %s", ERR_error_string(ERR_get_error(), NULL));
	SSL_CTX_free(tls);
	return NULL;
}

static int ftp_say(const struct ftp_session *session, const char *text)
{
	if (!session->tls)
		return peer_say(session->fd, text);
	return SSL_write(session->tls, text, (int)strlen(text)) > 0 ? 0 : -1;
}

static int ftp_line(const struct ftp_session *session, char *line, size_t capacity)
{
	size_t length = 0;
	char byte = 0;

	if (!session->tls)
		return peer_line(session->fd, line, capacity);
	while (byte != '\n') {
		if (SSL_read(session->tls, &byte, 1) != 1)
			return -1;
		if (byte != '\r' && byte != '\n' && length + 1 < capacity)
			line[length++] = byte;
	}
	line[length] = '\0';
	return (int)length;
}

/* AUTH was answered; what comes now is a ClientHello. */
static int ftp_go_inside(struct ftp_session *session, SSL_CTX *tls)
{
	struct timeval patience = {.tv_sec = PEER_PATIENCE_MS / 1000};

	setsockopt(session->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	session->tls = SSL_new(tls);
	return session->tls && SSL_set_fd(session->tls, session->fd) == 1 &&
			       SSL_accept(session->tls) == 1
		       ? 0
		       : -1;
}

static const char *ftp_user(const struct device *device, struct ftp_session *session,
			    const char *user)
{
	size_t size = strnlen(user, sizeof(session->user) - 1);

	if (device_trait(device, TRAIT_FTP_TLS) == FTP_TLS_DEMANDED && !session->tls)
		return "530 TLS first, by AUTH TLS\r\n";
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
	{"PBSZ", false, "200 Done\r\n"},
	{"PROT", false, "200 Done\r\n"},
};

static const char *ftp_answer(const struct device *device, struct ftp_session *session, char *line)
{
	size_t size = strcspn(line, " ");
	const char *argument = line + size + (line[size] == ' ');

	line[size] = '\0';
	if (strcasecmp(line, "USER") == 0)
		return ftp_user(device, session, argument);
	if (strcasecmp(line, "AUTH") == 0 && device_trait(device, TRAIT_FTP_TLS) != FTP_TLS_OFF &&
	    !session->tls && strcasecmp(argument, "TLS") == 0)
		return "234 Go on inside TLS\r\n";
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
	struct ftp_session session = {.fd = fd};
	char line[256];
	const char *answer = "220 Controller FTP\r\n";

	while (ftp_say(&session, answer) == 0 && strncmp(answer, "221", 3) != 0 &&
	       (strncmp(answer, "234", 3) != 0 || ftp_go_inside(&session, context) == 0) &&
	       ftp_line(&session, line, sizeof(line)) >= 0)
		answer = ftp_answer(device, &session, line);
	SSL_free(session.tls);
	ERR_clear_error();
}

const struct server server_ftp = {"ftp", SERVICE_FTP, ftp_port, ftp_start, ftp_serve};
