/*
 * accept: a TCP port of the tester's that the device connects to. Whoever is
 * not the device is hung up on at once, unheard. Each accepted connection goes
 * to the child over one end of a pair, as a descriptor.
 */
#ifndef ASSAY_GATE_ACCEPT_H
#define ASSAY_GATE_ACCEPT_H

#include "harness/gate/dial.h"
#include <poll.h>

enum { ACCEPT_POLLS = 2, ACCEPT_MAX = 64 }; /* connections of one port in all */

struct acceptor {
	bool used;
	int listener, child; /* the gate's own */
	const struct link *link;
	struct tally *tally;
	unsigned accepted;
};

/* Opens the port. Returns the child's end, which is the caller's, or -errno with
 * a refusal in the tally. */
int acceptor_open(const struct link *link, const struct dial_request *request, struct tally *tally,
		  struct acceptor *ret);
void acceptor_close(struct acceptor *acceptor);
/* Fills at most ACCEPT_POLLS entries; returns their number. */
size_t acceptor_poll(const struct acceptor *acceptor, struct pollfd *ret);
/* Accepts what is there; never waits. */
void acceptor_serve(struct acceptor *acceptor);

#endif
