/*
 * probe: all that the author of a probe or a monitor includes. A probe looks
 * at the device and reports typed facts; it has no way to say pass or fail.
 *
 * A probe runs alone in a child process without privileges: it may block, it
 * may leak, it may crash. Everything it gets lives as long as the run. It
 * reaches the device through probe_dial(), probe_wire() and probe_storm()
 * only; the gate refuses what the profile does not allow.
 */
#ifndef ASSAY_PROBES_PROBE_H
#define ASSAY_PROBES_PROBE_H

#include "harness/base/address.h"
#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/text.h"
#include "harness/model/fact.h"
#include "harness/model/param.h"
#include "harness/model/profile.h"
#include "harness/model/verdict.h"
#include "probes/door.h"
#include "probes/module.h"

struct probe_run; /* one execution of a probe */

enum need_number {
#define NEED(name, word) NEED_NUMBER_##name,
#include "probes/need.def"
#undef NEED
};
/* NEEDS_WIRE, NEEDS_STORM, ...: see need.def. */
enum {
#define NEED(name, word) NEEDS_##name = 1 << NEED_NUMBER_##name,
#include "probes/need.def"
#undef NEED
};

/*
 * What a probe has to itself while it runs, beside what follows from its impact,
 * needs and parameters: see harness/plan/resource.c. Two that hold the same never
 * run side by side.
 */
enum {
	HOLDS_DEVICE = 1 << 0,   /* nothing may run beside it */
	HOLDS_SERVICE = 1 << 1,  /* it fills or disturbs the service it is given */
	HOLDS_ACCOUNTS = 1 << 2, /* it may lock any account */
	HOLDS_SOURCE = 1 << 3,   /* it may get the address it comes from blocked */
};

struct probe {
	const char *id;      /* "ssh.algorithms": never renamed once released */
	const char *summary; /* one line */
	const char *source;  /* RFC or specification it follows */
	enum impact impact;
	unsigned needs; /* NEEDS_... */
	unsigned holds; /* HOLDS_... */
	/* What it may take in seconds beside the waits it declares; see longest. */
	unsigned timeout_s;
	const struct param_def *params; /* may be NULL; ends with a NULL name */
	const struct fact_def *facts;   /* ends with a NULL name */
	/* Optional: estimated seconds for these parameters, for the plan; NULL:
	 * 1 s. */
	unsigned (*seconds)(const struct param_value *params, size_t count);
	/* Looks at the device. Returns 0 when done, or what probe_give_up()
	 * returned. Facts reported before giving up are kept as evidence. */
	int (*observe)(struct probe_run *run);
	/* Optional: the longest course with these parameters, in seconds; no
	 * limit but this one then holds. NULL: timeout_s, and as much again as
	 * seconds() says for what it waits by probe_wait(). The runner stops the
	 * child then; it is also its limit of processor time. */
	unsigned (*longest)(const struct param_value *params, size_t count);
	/* Where the code is, if not in the program: see module.h. */
	struct module_part part;
};

/*
 * A monitor is sampled at a fixed period in a process of its own for the whole
 * run, and tells whether an essential function goes on.
 */
struct monitor {
	const char *id; /* "modbus.counter" */
	const char *summary;
	const char *source;
	const struct param_def *params;
	const char *meaning; /* what the value is */
	const char *unit;
	bool progress; /* the value itself must move on: a frozen value is no
	                * progress although the device answers */
	/* Takes one sample before the deadline. Returns 0 and the value, or -1
	 * when the device did not answer; it then makes a new connection at its
	 * next call. *state is NULL at first and is the monitor's own. */
	int (*sample)(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value);
	/* Optional: gives its connection back, since a check needs the service to
	 * itself; its next sample makes a new one. */
	void (*release)(struct probe_run *run, void *state);
};

/* One sample, as the monitor's process writes it. */
struct sample {
	int64_t due_ns;  /* when it should have been taken, CLOCK_MONOTONIC */
	int64_t sent_ns; /* when it was */
	int64_t done_ns; /* when the answer was there or given up */
	double value;
	bool answered;
};

/* --- what the run was given ------------------------------------------- */

/* The resolved parameter; BUG() if the probe did not declare it. A parameter
 * of type service, account or function that was not given and has the
 * fallback "" is NULL. */
int64_t probe_int(const struct probe_run *run, const char *name);
bool probe_bool(const struct probe_run *run, const char *name);
const char *probe_text(const struct probe_run *run, const char *name);
/* PARAM_LIST: texts in their order; NULL ends, also an empty list. */
const char *const *probe_list(const struct probe_run *run, const char *name);
/* PARAM_STEPS: mappings in their order; step_...() reads a field of one, BUG() if
 * the parameter's 'fields' do not declare it. */
const struct param_step *probe_steps(const struct probe_run *run, const char *name,
				     size_t *ret_count);
const char *step_text(const struct param_step *step, const char *name);
int64_t step_int(const struct param_step *step, const char *name);
const struct service *probe_service(const struct probe_run *run, const char *name);
const struct account *probe_account(const struct probe_run *run, const char *name);
const struct essential_function *probe_function(const struct probe_run *run, const char *name);
const struct profile *probe_profile(const struct probe_run *run);

/* The account's password, zero-terminated, or NULL with the run given up. It
 * is masked in every transcript and kept nowhere. */
const char *probe_password(struct probe_run *run, const struct account *account);

/*
 * A random word of size (8 to 128) small letters and digits, a letter first: a user name or
 * password that nobody has. It lives as long as the run. Like a password it is masked in every
 * transcript and file of the run, and no fact may hold it.
 */
const char *probe_secret(struct probe_run *run, size_t size);
/* The same for a word of the probe's own making: one derived from a password, such as its
 * beginning. One of less than 8 characters is not masked: it stands in every file by chance. */
void probe_hide(struct probe_run *run, const char *word);

/* Zeroed memory that lives as long as the run. */
void *probe_alloc(struct probe_run *run, size_t size);

/* When the runner will stop this child, CLOCK_MONOTONIC; a wait moves it on. */
int64_t probe_deadline(const struct probe_run *run);

/*
 * Sleeps until then (CLOCK_MONOTONIC) and says what for, "unlock of 'probe'": the
 * progress display counts down, the deadline moves on by as much, and the wait
 * and what was seen so far stand in the journal. Returns 0, or -1 with the run
 * given up where the probe's own longest course has no room for it.
 */
int probe_wait(struct probe_run *run, int64_t until_ns, const char *what);
/*
 * True if an earlier attempt was ended from outside (the runner, the tester's
 * machine) in the wait for exactly this, and it is not over for longer than
 * late_ms: what had been seen before it is reported again, and the caller goes on
 * with probe_wait(run, *ret_until_ns, what) and what follows. Asked first thing in
 * observe(), once for each wait that can be gone on with. No connection of the
 * earlier attempt lives any more; what was counted down from when the wait began
 * is to be counted down from its end.
 */
bool probe_resumed(struct probe_run *run, const char *what, int64_t late_ms, int64_t *ret_until_ns);

/* --- what was seen ----------------------------------------------------- */

/* Each reports one declared fact; BUG() if it was not declared with this type.
 * Reporting a fact again replaces it. It is the runner's at once: a probe that is
 * stopped keeps what it saw as evidence. Text from the device needs no escaping.
 */
void probe_saw_bool(struct probe_run *run, const char *fact, bool value);
void probe_saw_int(struct probe_run *run, const char *fact, int64_t value);
void probe_saw_real(struct probe_run *run, const char *fact, double value);
void probe_saw_text(struct probe_run *run, const char *fact, const char *value);
void probe_saw_list(struct probe_run *run, const char *fact, const char *const *values,
		    size_t count);
/* Adds one text to a list fact (creating it); duplicates are dropped. */
void probe_saw_item(struct probe_run *run, const char *fact, const char *value);
/* Makes a list fact exist although nothing was found. */
void probe_saw_none(struct probe_run *run, const char *fact);

/* Keeps bytes as a file of this observation's evidence; name is a plain file
 * name. At most 16 MiB an observation. */
void probe_keep(struct probe_run *run, const char *name, const void *bytes, size_t size);
/* Adds one line to the observation's transcript.txt; passwords are masked. */
void probe_note(struct probe_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The observation proves nothing; says why in one sentence. Returns -1. */
int probe_give_up(struct probe_run *run, enum why why, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* --- doors to the device: probes/door.h --------------------------------- */

/* Gives up with the reason that fits a failed dial. Returns -1. */
int probe_dial_failed(struct probe_run *run, const struct service *service, int error);

/* What that failure means, and the sentence that says it. */
enum why probe_dial_why(int error, const char **ret_sentence);

/* --- load ---------------------------------------------------------------- */

enum { STORM_PARTS = 4 };

struct storm_part {
	const char *family; /* a row of harness/frame/family.c */
	uint16_t port;      /* where its frames go to a port: a declared one */
};

struct storm_order {
	/* The families, in turn frame by frame; a NULL family ends them. */
	struct storm_part parts[STORM_PARTS];
	int64_t frames_per_s;
	int64_t duration_ms;
	bool sham; /* same work, but the frames go to an address nobody has */
	/* The load is stopped when this function shows no progress for its
	 * tripwire_ms; NULL: any function's. */
	const struct essential_function *function;
	const char *sender; /* "af-xdp", "sendmmsg"; NULL: the fastest there is */
};

enum storm_end {
	STORM_COMPLETE,
	STORM_INTERRUPTED,
	STORM_TRIPPED,
	STORM_UNWATCHED, /* the runner or the function's monitor gave no sign of life */
};

struct storm_result {
	int64_t start_ns, end_ns; /* first and last frame */
	uint64_t sent, send_errors;
	uint64_t interface_sent; /* the interface's own counter, same time */
	double worst_gap_us;     /* longest pause between two batches */
	double cpu_share;        /* of one core, used by the sender */
	char sender[16];         /* how they were sent */
	double held_ms;          /* time in which it waited for such a sign */
	enum storm_end end;
	bool runner_missing; /* STORM_UNWATCHED: the runner's, else a monitor's */
	uint32_t slice_ms;   /* length of one slice */
	uint32_t slice_count;
	uint32_t slices[4096]; /* frames sent in each slice */
};

/* What came back of the last load that went to the device over TCP, from its start
 * until now: the tester's kernel is kept from answering until the run ends, or the
 * next load begins. */
struct storm_answers {
	uint64_t ports;    /* source ports the kernel was kept from; 0: no such load */
	uint64_t syn_acks; /* SYN-ACKs to the 256 ports that are watched, repetitions apart */
	uint64_t repeated; /* how often the device sent one of them again */
	uint64_t kept;     /* ports it did so for: half-open places that it kept */
	uint64_t resets;   /* RSTs the tester's kernel sent nevertheless, on any port */
};

/* Sends the load and returns when it has ended. Returns 0, or -EPERM, -EACCES,
 * -EDQUOT (beyond the profile's load budget) or another -errno. */
int probe_storm(struct probe_run *run, const struct storm_order *order, struct storm_result *ret);
/* Returns 0 or -errno as probe_storm(). */
int probe_storm_answers(struct probe_run *run, struct storm_answers *ret);

/* Copies the function's samples that were due in [from_ns, to_ns), oldest
 * first, at most capacity. Returns their number. */
size_t probe_samples(struct probe_run *run, const struct essential_function *function,
		     int64_t from_ns, int64_t to_ns, struct sample *ret, size_t capacity);
/* True if the function's monitor says that its value must move on. */
bool probe_progress(const struct probe_run *run, const struct essential_function *function);

#include "harness/banned.h"

#endif
