/* web: the simulated device's web interface: reads one HTTP/1.1 request (RFC
 * 9112) at a time and answers it, over any stream. */
#ifndef ASSAY_TARGETS_WEB_H
#define ASSAY_TARGETS_WEB_H

#include "targets/simulated/device.h"
#include <pthread.h>

#define WEB_SESSIONS 16

/* The cookies of those logged in, oldest replaced first. */
struct web {
	pthread_mutex_t lock;
	char cookies[WEB_SESSIONS][33];
	size_t next;
	bool secure; /* served over TLS */
};

struct web_stream {
	/* Return the count, or 0 or less at the peer's end. */
	long (*read)(void *stream, void *bytes, size_t size);
	long (*write)(void *stream, const void *bytes, size_t size);
	void *stream;
};

struct web *web_new(bool secure);
/* Serves requests until the peer closes or misbehaves. */
void web_serve(const struct device *device, struct web *web, const struct web_stream *stream);

#endif
