/* tls_windows: the half of tls_enumerate() that is for SSL 3.0 to TLS 1.2. */
#ifndef ASSAY_PROBES_TLS_WINDOWS_H
#define ASSAY_PROBES_TLS_WINDOWS_H

#include "probes/tls/tls_found.h"

/* As tls_enumerate(), whose groups these versions do not name. */
enum tls_outcome tls_windows_enumerate(struct tls_talk *talk, struct tls_found *found,
				       size_t *trusted);

#endif
