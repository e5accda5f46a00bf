/* stream_tls: the TLS half of a stream, for stream.c alone. OpenSSL works
 * between two memory buffers, so that it never touches the descriptor and every
 * wait is probe_read()'s. */
#ifndef ASSAY_PROBES_STREAM_TLS_H
#define ASSAY_PROBES_STREAM_TLS_H

#include "probes/stream/stream.h"

/* As stream.h's, but bytes are the caller's, and end is set only where it is
 * not STREAM_WELL. */
long stream_tls_read(struct stream *stream, void *bytes, size_t size, int64_t deadline_ns);
int stream_tls_write(struct stream *stream, const void *bytes, size_t size, int64_t deadline_ns);
void stream_tls_release(struct stream *stream);

/* Sets end, and reason, for a -errno of probe_read() or probe_write(), or 0 for
 * the peer's end. Returns -1. */
int stream_ended(struct stream *stream, long error);

#endif
