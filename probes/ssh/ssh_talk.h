/*
 * ssh_talk: what is said on one connection to an SSH server before encryption begins
 * (RFC 4253). It finishes no key exchange and reports no fact.
 */
#ifndef ASSAY_PROBES_SSH_TALK_H
#define ASSAY_PROBES_SSH_TALK_H

#include "probes/ssh/ssh_packet.h"
#include "probes/stream/stream.h"

struct ssh_talk {
	struct stream stream;
	const struct service *service;
	int64_t deadline; /* of all that is said */
	size_t used;      /* of what the stream holds */
	bool listed;      /* our own list is sent: some servers list nothing before */
};

/* Connects; then stream_release(&talk->stream) is the caller's. Returns 0, or -1 with the
 * run given up and nothing to release. */
int ssh_talk_dial(struct ssh_talk *talk, struct probe_run *run, const struct service *service);

/* Each returns 0, or -1 with the run given up; slices are borrowed from the stream and
 * hold as long as nothing more is read. */

/* Sends our identification and reads the server's. */
int ssh_talk_banner(struct ssh_talk *talk, struct ssh_slice *ret);
/* Reads the server's lists, which name something wherever a name is needed, and keeps
 * them as evidence. */
int ssh_talk_kexinit(struct ssh_talk *talk, struct ssh_kexinit *ret);

/* A failed write is noted: it shows in the read that follows. */
void ssh_talk_send(struct ssh_talk *talk, const uint8_t *packet, size_t size);
/* Waits for the server's next message of the exchange. Returns false where none came,
 * which is noted. */
bool ssh_talk_await(struct ssh_talk *talk, struct ssh_slice *ret);
/* Notes the bytes of the server, printable. */
void ssh_talk_note(struct ssh_talk *talk, const char *what, struct ssh_slice slice);

#endif
