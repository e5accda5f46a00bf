/* ftp_session: one control connection to an FTP server, in clear or, after
 * AUTH TLS, inside TLS. It opens no data connection. */
#ifndef ASSAY_PROBES_FTP_SESSION_H
#define ASSAY_PROBES_FTP_SESSION_H

#include "probes/stream/stream.h"

#define FTP_TEXT_MOST 256

struct ftp_session {
	struct probe_run *run;
	const struct service *service;
	struct stream stream;
	char text[FTP_TEXT_MOST]; /* printable, of the last reply */
};

/* Connects and reads the greeting. Returns its code, or -1 with the run given
 * up. Close it in either case. */
int ftp_open(struct ftp_session *session, struct probe_run *run, const struct service *service);
void ftp_close(struct ftp_session *session);
/* Sends "verb argument" (argument may be NULL) and returns the reply's code, or
 * -1 with the run given up. */
int ftp_command(struct ftp_session *session, const char *verb, const char *argument);
/* Shakes hands after a granted AUTH TLS. Returns 0, or -1 with the run given
 * up. */
int ftp_start_tls(struct ftp_session *session);

#endif
