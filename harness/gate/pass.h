/*
 * pass: one admitted child and all that it has in the gate: its channel, the
 * connection being made, its wires, its load, its capture, its counters.
 */
#ifndef ASSAY_GATE_PASS_H
#define ASSAY_GATE_PASS_H

#include "harness/gate/accept.h"
#include "harness/gate/capture.h"
#include "harness/gate/datagram.h"
#include "harness/gate/dial.h"
#include "harness/gate/link.h"
#include "harness/gate/message.h"
#include "harness/gate/pacer.h"
#include "harness/gate/pulse.h"
#include "harness/gate/spend.h"
#include "harness/gate/stop.h"
#include "harness/gate/storm.h"
#include "harness/gate/tally.h"
#include "harness/gate/watch.h"
#include "harness/gate/wire.h"
#include <poll.h>

enum {
	PASS_WIRES = 4,
	PASS_DATAGRAMS = 4,
	PASS_ACCEPTORS = 2,
	/* poll entries of one pass at most */
	PASS_POLLS = 2 + PASS_DATAGRAMS * DATAGRAM_POLLS + PASS_ACCEPTORS * ACCEPT_POLLS,
};

struct pass {
	bool used;
	int32_t number; /* never used twice in a run */
	struct gate_pass what;
	int channel; /* -1 once the child is gone */
	struct dialling dialling;
	struct wire *wires[PASS_WIRES];
	struct datagrams datagrams[PASS_DATAGRAMS];
	struct acceptor acceptors[PASS_ACCEPTORS];
	struct storm *storm;
	struct capture *capture;
	struct tally tally;
};

struct server {
	const struct profile *profile;
	struct link link;
	struct pulses pulses; /* who lets a load go on */
	struct stop stop;
	int control, notice;
	int wake; /* eventfd: a load is over */
	pid_t runner;
	bool deaf; /* the runner does not read */
	int32_t next_number;
	struct dialler dialler;
	struct spend spend;
	struct pacer pacer;   /* frames of all wires */
	unsigned next_port;   /* of the next wire */
	struct sender sender; /* of all loads: one at a time */
	struct recorder *recorder;
	struct watch watch;
	struct pass passes[GATE_PASSES];
};

void passes_init(struct server *server);
/* Takes the channel and the capture file out of fds on success. Returns NULL
 * with the reason in why. */
struct pass *pass_admit(struct server *server, const struct gate_pass *what,
			struct message_fds *fds, struct text *why);
struct pass *pass_find(struct server *server, int32_t number);
/* Ends everything the pass has and frees it. */
struct gate_traffic pass_dismiss(struct server *server, struct pass *pass);

/* Answers the request that is being worked on. A child that leaves too much
 * unread is dropped, with all that goes on in its name. */
void pass_answer(struct server *server, struct pass *pass, const struct reply *reply,
		 const struct message_fds *fds);
void pass_answer_error(struct server *server, struct pass *pass, int error);

/* Fills at most PASS_POLLS entries; returns their number. */
size_t pass_poll(const struct pass *pass, struct pollfd *ret);
/* Looks at everything the pass waits for; never waits itself. */
void pass_serve(struct server *server, struct pass *pass);
/* How long the loop may sleep; -1: until something happens. */
int passes_timeout_ms(const struct server *server);

#endif
