/*
 * tls_share: public keys for the key_share extension (RFC 8446 4.2.8), made once
 * a run: real ones, for a server looks at a point before it answers. The private
 * halves are thrown away: no handshake is completed.
 */
#ifndef ASSAY_PROBES_TLS_SHARE_H
#define ASSAY_PROBES_TLS_SHARE_H

#include "probes/probe.h"
#include "probes/tls/tls_hello.h"

enum { TLS_SHARES_MAX = 8 };

/* Fills ret with a share for every group OpenSSL makes keys of and that fits a
 * hello beside others; the bytes belong to the run. Returns their number. */
size_t tls_shares_make(struct probe_run *run, struct tls_share ret[TLS_SHARES_MAX]);

#endif
