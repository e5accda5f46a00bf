/* ftp_session: one control connection to an FTP server, in clear or, after
 * AUTH TLS, inside TLS. It opens no data connection. */
#ifndef ASSAY_PROBES_FTP_SESSION_H
#define ASSAY_PROBES_FTP_SESSION_H

#include "probes/session/session.h"
#include "probes/stream/stream.h"

#define FTP_TEXT_MOST 256

/* The driver's ways to log in. */
enum { FTP_WAY_TLS, FTP_WAY_CLEAR, FTP_WAYS };

struct ftp_session {
	struct session *session; /* for the connection and for what failed */
	struct stream stream;
	char text[FTP_TEXT_MOST]; /* printable, of the last reply */
};

/* Connects and reads the greeting, behind the handshake where the service's
 * protocol is "ftps". Returns its code, or -1 after session_failed(). Close it
 * in either case. */
int ftp_open(struct ftp_session *ftp, struct session *session);
void ftp_close(struct ftp_session *ftp);
/* Sends "verb argument" (argument may be NULL) and returns the reply's code, or
 * -1 after session_failed(). */
int ftp_command(struct ftp_session *ftp, const char *verb, const char *argument);
/* Asks for TLS and shakes hands. Returns 1, 0 where it is not offered, or -1
 * after session_failed(). */
int ftp_start_tls(struct ftp_session *ftp);
/* True if the service speaks TLS from the first byte. */
bool ftp_implicit_tls(const struct service *service);

#endif
