/* ftp_reply: reads one reply of an FTP server, of one line or several. */
#ifndef ASSAY_PROBES_FTP_REPLY_H
#define ASSAY_PROBES_FTP_REPLY_H

#include <stddef.h>

struct ftp_reply {
	int code;         /* 100 to 599 */
	const char *text; /* behind the first line's code, in the caller's
	                   * bytes */
	size_t size;      /* to the end of the first line */
};

/* Reads the reply at the front of size bytes. Returns its length, 0 while it is
 * not yet whole, or -1 if it is none. */
long ftp_reply_read(const char *bytes, size_t size, struct ftp_reply *ret);

#endif
