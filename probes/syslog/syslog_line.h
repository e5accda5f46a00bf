/*
 * syslog_line: one line of the syslog protocol, as far as it says what it is:
 * its priority, and which of the two formats (RFC 5424; RFC 3164 describes what
 * was there before); and lines out of a stream (RFC 6587).
 */
#ifndef ASSAY_PROBES_SYSLOG_LINE_H
#define ASSAY_PROBES_SYSLOG_LINE_H

#include <stddef.h>
#include <stdint.h>

enum syslog_format { SYSLOG_RFC5424, SYSLOG_RFC3164 };

struct syslog_line {
	unsigned facility, severity; /* 0 to 23, 0 to 7 */
	enum syslog_format format;
	const char *text; /* inside the bytes, behind the priority; not terminated */
	size_t size;
};

/* Reads one line without its end. Returns 0, or -1 where it has no priority. */
int syslog_line_read(const void *bytes, size_t size, struct syslog_line *ret);

/*
 * The first line of a stream: counted octets, or up to a line feed. Returns how
 * many bytes it takes with its frame, and where its text is; 0: it is not all
 * there yet.
 */
size_t syslog_frame_read(const void *bytes, size_t size, const char **ret_line, size_t *ret_size);

#endif
