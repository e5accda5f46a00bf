/*
 * gate: the one privileged process. It holds every raw socket and makes every
 * connection to the device. It knows scope and budget and refuses what the
 * profile does not allow, whatever a probe does. It parses nothing the device
 * says beyond the addresses and ports of frame headers.
 *
 * The runner starts it and speaks to it over a control channel; every child
 * gets a channel of its own with a pass that says what it may do. Channels are
 * SOCK_SEQPACKET Unix sockets, one fixed-size message a request; descriptors
 * travel by SCM_RIGHTS. When the control channel closes (the runner is gone,
 * however it went), the gate stops all load and ends. SIGINT and SIGTERM stop
 * all load within 10 ms; the gate itself goes on until the runner lets go.
 */
#ifndef ASSAY_GATE_GATE_H
#define ASSAY_GATE_GATE_H

#include "harness/base/text.h"
#include "harness/model/profile.h"
#include "probes/probe.h"
#include <stdbool.h>
#include <sys/types.h>

struct gate; /* the runner's side */

/* What the tester's side can do here, found when the gate starts. */
struct gate_ability {
	bool raw;                             /* raw frames on the profile's interface */
	bool loopback;                        /* the interface is loopback: no raw frames */
	char raw_reason[160];                 /* why raw is false: one sentence */
	uint8_t source_mac[6], device_mac[6]; /* when raw */
	bool device_mac_known;
	struct address source;
	char interface[16];
	char libpcap[80], libnet[40];
};

/*
 * Forks the gate. It looks at the link: the interface exists and is up; unless
 * the profile says it is meant, it carries no default route. It opens what
 * takes time to open, sends nothing and waits for gate_go(). Returns NULL with
 * the reason in why. profile must stay valid.
 */
struct gate *gate_new(const struct profile *profile, struct text *why);
/*
 * Lets it ask, by ARP and nothing else, who answers for the device's address:
 * exactly one host, with the profile's MAC if that is given. The answer takes
 * tens of milliseconds, which gate_greet() waits for.
 */
void gate_go(struct gate *gate);
/* What the gate found. Returns 0, or -1 with the reason in why and *ret_exit 2
 * (the bench is set up wrongly: refused) or 3 (device or bench unavailable:
 * nobody answers, no interface). */
int gate_greet(struct gate *gate, struct gate_ability *ret, int *ret_exit, struct text *why);
/* gate_new(), gate_go() and gate_greet() in one: NULL where any of them
 * fails. */
struct gate *gate_start(const struct profile *profile, struct gate_ability *ret, int *ret_exit,
			struct text *why);
/*
 * Gives the gate a file open for reading and appending, to which it adds one
 * line before it grants a unit of a counted budget (failed logins, writes).
 * What the file holds already is spent: a run that is resumed gets no fresh
 * budget. copy_fd (-1: none) is a second such file that gets the same lines from now on. The gate
 * keeps its own copies of the descriptors. Returns 0, or -1 when the gate is gone or has a ledger.
 */
int gate_ledger(struct gate *gate, int ledger_fd, int copy_fd);
/* Ends the gate and waits for it. NULL is fine. */
void gate_stop(struct gate *gate);
/*
 * Ends the gate and returns when it has sent its last. Its process goes on
 * for some tens of milliseconds, in which the kernel takes its packet sockets
 * down: returns its number, for waitpid(2) when the caller has time.
 */
pid_t gate_release(struct gate *gate);
pid_t gate_pid(const struct gate *gate);
/* For poll(2): readable means the gate has a notice or is gone. */
int gate_fd(const struct gate *gate);
/* Fetches the next notice: another host answers for the device's address, and
 * the gate refuses everything from now on. Returns 1 and the sentence, 0 where
 * there is none, -1 when the gate is gone. Never waits. */
int gate_notice(struct gate *gate, struct text *ret);
/* Closes the runner's descriptors in a process forked from it: call it in
 * every child. The gate refuses control by another process anyway. */
void gate_leave(struct gate *gate);

/* What a child may do. */
struct gate_pass {
	char observation[128]; /* for records */
	enum impact impact;
	unsigned needs; /* NEEDS_...: a wire or storm without it is refused */
	bool monitor;   /* has a reserved place outside the connection budget
	                 * and uses the witness address where there is one */
};

/*
 * Lets one child in. *ret_fd is the child's end of its channel (CLOEXEC); the
 * runner closes it after forking. capture_fd: an open file to which the gate
 * writes a pcapng of the traffic with the device until the channel closes, or
 * -1; the gate keeps its own copy of the descriptor. Returns the pass's number,
 * or -1 with the reason in why.
 */
int gate_admit(struct gate *gate, const struct gate_pass *pass, int capture_fd, int *ret_fd,
	       struct text *why);

/* What a pass did, final once the child's channel is closed. */
struct gate_traffic {
	uint64_t connections, connects_failed;
	uint64_t frames, bytes; /* raw frames sent */
	uint64_t refused;       /* requests and frames refused */
	char last_refusal[200]; /* sentence, "" where nothing was refused */
	uint64_t captured, capture_dropped;
	uint64_t failed_logins, writes; /* units granted of these budgets */
};
/* Closes the pass (stops its load, closes wires and the capture) and returns
 * what it did. Returns 0, or -1 when the gate is gone. */
int gate_dismiss(struct gate *gate, int pass, struct gate_traffic *ret);

/* Stops all load at once. */
void gate_stop_load(struct gate *gate);

/*
 * No load is sent unless the runner and the monitors beat; pulse.h says how.
 * gate_beat(): the runner beats from now on, by a thread, until the gate is
 * stopped or released; it beats no more once unless_fd (-1: none) is readable.
 * Called when the process has dropped what privileges it drops: a thread keeps
 * its own. Returns 0 or -errno.
 */
int gate_beat(struct gate *gate, int unless_fd);
struct pulse;
/* In the process of the monitor of the profile's function number index, forked
 * from the runner: its page, to be written by it alone. Returns NULL with errno
 * set. */
struct pulse *gate_pulse(struct gate *gate, size_t index);

/* --- the child's side: used by the implementation of probe.h alone ------- */

struct gate_channel; /* one child's */
struct gate_channel *gate_channel_new(int fd);
void gate_channel_free(struct gate_channel *channel);
int gate_dial(struct gate_channel *channel, uint16_t port, bool witness,
	      int timeout_ms); /* as probe_dial_port() */
int gate_dial_to(struct gate_channel *channel,
		 const struct dial_order *order); /* as probe_dial_to() */
int gate_datagrams(struct gate_channel *channel,
		   const struct dial_order *order); /* as probe_datagrams() */
int gate_listen(struct gate_channel *channel,
		const struct dial_order *order); /* as probe_listen() */
int gate_listen_datagrams(struct gate_channel *channel,
			  const struct dial_order *order); /* as probe_listen_datagrams() */
int gate_accept(int listening, int64_t deadline_ns);       /* as probe_accept() */
/* The same in two halves: asks and returns 0 or -errno; when the channel is readable,
 * takes the answer. Nothing else is asked in between. */
int gate_dial_begin(struct gate_channel *channel, const struct dial_order *order);
int gate_dial_end(struct gate_channel *channel, int timeout_ms);
int gate_channel_fd(const struct gate_channel *channel);
/* The link's addresses, without opening a wire. Returns 0 or -EPERM. */
int gate_link(struct gate_channel *channel, struct wire_facts *ret);
int gate_spend(struct gate_channel *channel, enum spending what,
	       const char *user); /* as probe_spend() */
struct probe_wire *gate_wire(struct gate_channel *channel, enum wire_kind kind,
			     struct wire_facts *ret, int *ret_error);
struct probe_wire *gate_wire_to(struct gate_channel *channel, const struct wire_target *target,
				struct wire_facts *ret, int *ret_error); /* as probe_wire_to() */
/* wire_send() ... wire_counts() of probe.h are implemented in the gate. */
int gate_storm(struct gate_channel *channel, const struct storm_order *order,
	       struct storm_result *ret);
int gate_storm_answers(struct gate_channel *channel, struct storm_answers *ret);

#endif
