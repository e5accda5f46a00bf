/*
 * tcp_sweep: which of a device's 65,536 TCP ports answer a SYN, by raw frames
 * (tcp_sweep_raw) or, where none are granted, by connections
 * (tcp_sweep_connect). A port that does not answer stays "no answer": it is
 * never called closed.
 */
#ifndef ASSAY_PROBES_TCP_SWEEP_H
#define ASSAY_PROBES_TCP_SWEEP_H

#include "probes/tcp/tcp_frame.h"

#define TCP_PORTS     65536u
#define TCP_OPEN_MANY 1000u /* a device with more answers everything */

enum port_state { PORT_SILENT, PORT_CLOSED, PORT_OPEN, PORT_EXCLUDED };

struct tcp_sweep {
	struct probe_run *run;
	struct address device;    /* the address that is swept */
	const char *source;       /* of the tester's, as in dial_order */
	int64_t end_ns;           /* it is over by then, CLOCK_MONOTONIC */
	uint8_t state[TCP_PORTS]; /* enum port_state */
	bool again[TCP_PORTS];    /* open when asked once more at the end */
	unsigned asked;           /* ports that are not excluded */
	unsigned open, closed;
	bool rst_limited;      /* RSTs came at a steady rate far below ours */
	bool requests_limited; /* so did what the device takes: silence is no proof */
	double answers_per_s;  /* of a limited device */
	unsigned hidden;       /* ports that say nothing where the device refuses most others */
	bool loss_seen;        /* an open port missed a SYN: silence is no proof */
	int known;             /* an open port asked again all through the sweep, -1
	                    * while there is none */
	unsigned known_asked, known_answered; /* in the last round */
	int dead;                             /* a port that is not open, -1 where there is none */
	bool control_held;                    /* at the end it was refused again */
	bool out_of_time;
	uint64_t frames;
	uint64_t unsent;  /* refused by the gate or not sent */
	uint64_t dropped; /* on the tester's side, in the last round */

	/* raw frames only */
	struct probe_wire *wire;
	struct tcp_syn syn;
	bool confirming;
	int error; /* of the wire: 0 or -errno */
	int64_t asked_ns, rtt_ns, last_answer_ns;
};

/* Returns a sweep of this address of the device, from this source of the tester's (NULL: the
 * usual), with the profile's excluded ports left out. */
struct tcp_sweep *tcp_sweep_new(struct probe_run *run, const struct address *device,
				const char *source, int64_t end_ns);
unsigned tcp_sweep_silent(const struct tcp_sweep *sweep);
/* True if the device took so few of the SYNs to a port known to be open, in the
 * midst of the others, that another port's silence or refusal says nothing. */
bool tcp_sweep_shut_out(const struct tcp_sweep *sweep);
/* How many of the open ports accepted again at the end. */
unsigned tcp_sweep_seen_twice(const struct tcp_sweep *sweep);

/* Both return 0, SWEEP_NOT_HERE where the method is not possible here, or -1 with
 * the run given up. (-EPERM would be -1.) */
enum { SWEEP_NOT_HERE = 1 };

/* Of the sweep by raw frames, for its own files. */
void tcp_sweep_ask(struct tcp_sweep *sweep, uint16_t port);
/* Takes what is there; waits for it until the deadline (0: does not wait). */
void tcp_sweep_receive(struct tcp_sweep *sweep, int64_t deadline_ns);
/*
 * Where answers come at a steady rate far below ours: true if the device limits its RSTs, so that
 * an open port would have answered; false if it limits what it takes, or nobody can tell. Takes
 * some seconds.
 */
bool tcp_sweep_limits_resets(struct tcp_sweep *sweep);
int tcp_sweep_raw(struct tcp_sweep *sweep);
int tcp_sweep_connect(struct tcp_sweep *sweep);

#endif
