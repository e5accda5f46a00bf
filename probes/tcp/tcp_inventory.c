/* tcp_inventory: every TCP port of the device: open, closed, or no answer. */
#include "probes/tcp/tcp_sweep.h"

#include <errno.h>
#include <stdio.h>

#include "harness/banned.h"

enum { RANGES_MOST = 50 };

/* The sweep from the usual source, and the one from the witness. What is open to one of them is
 * open. */
struct inventory {
	struct tcp_sweep *main;
	struct tcp_sweep *witness; /* NULL: not asked from there */
	struct tcp_sweep *both;    /* the first, and what the witness saw open */
	bool answered;             /* every source that is declared was, all through */
};

static void saw_open(const struct tcp_sweep *s)
{
	char text[16];
	bool twice = true;
	unsigned port;

	probe_saw_none(s->run, "open");
	for (port = 0; port < TCP_PORTS && s->open <= TCP_OPEN_MANY; port++) {
		if (s->state[port] == PORT_OPEN) {
			snprintf(text, sizeof(text), "%u/tcp", port);
			probe_saw_item(s->run, "open", text);
			twice = twice && s->again[port];
		}
	}
	probe_saw_bool(s->run, "declared_open_seen_twice",
		       twice && s->open > 0 && s->open <= TCP_OPEN_MANY);
}

static void saw_silent(const struct tcp_sweep *s)
{
	unsigned port = 0, first, ranges = 0;
	char text[32];

	probe_saw_none(s->run, "unanswered");
	while (port < TCP_PORTS && ranges < RANGES_MOST) {
		first = port;
		while (port < TCP_PORTS && s->state[port] == PORT_SILENT) {
			port++;
		}
		if (port == first) {
			port++;
			continue;
		}
		if (port - first == 1) {
			snprintf(text, sizeof(text), "%u/tcp", first);
		} else {
			snprintf(text, sizeof(text), "%u-%u/tcp", first, port - 1);
		}
		probe_saw_item(s->run, "unanswered", text);
		ranges++;
	}
}

/* True if no port's silence is the tester's own fault. */
static bool complete(const struct tcp_sweep *s)
{
	return s->unsent == 0 && s->dropped == 0 && !s->out_of_time &&
	       !(s->rst_limited && s->loss_seen) && !tcp_sweep_shut_out(s) &&
	       !s->requests_limited && s->hidden == 0 && s->open <= TCP_OPEN_MANY;
}

static void saw(const struct inventory *inventory, const char *method, int64_t start_ns)
{
	const struct tcp_sweep *s = inventory->both;
	struct probe_run *run = s->run;

	probe_saw_item(run, "sources", "main");
	if (inventory->witness != NULL) {
		probe_saw_item(run, "sources", "witness");
	}
	probe_saw_none(run, "differs_by_source");
	probe_saw_bool(run, "sources_answered", inventory->answered);
	probe_saw_text(run, "method", method);
	saw_open(s);
	saw_silent(inventory->main);
	probe_saw_int(run, "open_count", s->open);
	probe_saw_int(run, "closed_count", s->closed);
	probe_saw_int(run, "no_answer_count", tcp_sweep_silent(s));
	probe_saw_bool(run, "control_dead_port_closed", s->control_held);
	probe_saw_bool(run, "rst_limited", s->rst_limited);
	probe_saw_bool(run, "requests_limited", s->requests_limited);
	probe_saw_bool(run, "answers_everything", s->open > TCP_OPEN_MANY);
	probe_saw_bool(run, "complete", complete(inventory->main));
	probe_saw_int(run, "frames", (int64_t)s->frames);
	probe_saw_real(run, "seconds", (double)(clock_ns() - start_ns) / (double)NS_PER_S);
}

/* What makes the whole sweep worthless. */
static int settle_doubts(const struct tcp_sweep *s)
{
	if (s->open > TCP_OPEN_MANY) {
		return probe_give_up(s->run, WHY_CONTROL_FAILED,
				     "the device accepts on more than %u "
				     "ports: it answers everything",
				     TCP_OPEN_MANY);
	}
	if (s->unsent > 0) {
		return probe_give_up(s->run, WHY_TESTER_DROPPED, "%llu frames were not sent",
				     (unsigned long long)s->unsent);
	}
	if (s->dropped > 0) {
		return probe_give_up(s->run, WHY_TESTER_DROPPED,
				     "the tester lost %llu received frames",
				     (unsigned long long)s->dropped);
	}
	if (s->open + s->closed == 0) {
		return probe_give_up(s->run, WHY_DEVICE_LOST, "nothing answered on any of %u ports",
				     s->asked);
	}
	if (s->open > 0 && tcp_sweep_seen_twice(s) == 0) {
		return probe_give_up(s->run, WHY_DEVICE_LOST,
				     "no open port answered again at the end");
	}
	if (tcp_sweep_shut_out(s)) {
		return probe_give_up(s->run, WHY_RATE_LIMITED,
				     "the open port %d answered only %u of %u connection "
				     "requests amid the sweep: what did not answer may be "
				     "open as well; lower 'frames_per_s' in the profile",
				     s->known, s->known_answered, s->known_asked);
	}
	if (s->requests_limited) {
		return probe_give_up(
			s->run, WHY_RATE_LIMITED,
			"the device takes some %.0f connection requests a second to "
			"ports that are not known to be open: %u of %u did not answer, "
			"and may be open as well",
			s->answers_per_s, tcp_sweep_silent(s), s->asked);
	}
	if (s->hidden > 0) {
		return probe_give_up(
			s->run, WHY_NOT_OBSERVED,
			"%u ports say nothing, where the device refuses %u others: what "
			"hides them from the tester may let somebody else in",
			s->hidden, s->closed);
	}
	if (s->out_of_time) {
		return probe_give_up(s->run, WHY_BUDGET_SPENT,
				     "%u of %u ports had not answered when the "
				     "time was over",
				     tcp_sweep_silent(s), s->asked);
	}
	return 0;
}

/* By frames, or where there are none by connections. Returns as they do. */
static int sweep(struct tcp_sweep *s, const char **ret_method)
{
	int error = tcp_sweep_raw(s);

	if (error == SWEEP_NOT_HERE) {
		probe_note(s->run, "no raw frames here: sweeping by connections");
		*ret_method = "connect";
		error = tcp_sweep_connect(s);
	}
	return error;
}

/*
 * Whether asking again from the witness tells anything. Who shuts the tester out for a sweep
 * may shut out the witness for the next, which monitors and looks need; and such a sweep proves
 * nothing already.
 */
static bool worth_asking_again(const struct tcp_sweep *s)
{
	return s->unsent == 0 && s->dropped == 0 && !s->out_of_time && !tcp_sweep_shut_out(s) &&
	       !s->requests_limited && s->open + s->closed > 0 && s->open <= TCP_OPEN_MANY &&
	       (s->open == 0 || tcp_sweep_seen_twice(s) > 0);
}

/* Adds what the witness saw open; returns how many ports were open to either. */
static unsigned put_together(struct tcp_sweep *both, const struct tcp_sweep *witness)
{
	unsigned port, shared = 0, told = 0;
	char text[48];

	for (port = 0; port < TCP_PORTS; port++) {
		bool to_main = both->state[port] == PORT_OPEN;
		bool to_witness = witness->state[port] == PORT_OPEN;

		shared += to_main && to_witness;
		if (to_main != to_witness && told++ < RANGES_MOST) {
			snprintf(text, sizeof(text), "%u/tcp open to %s alone", port,
				 to_main ? "main" : "witness");
			probe_saw_item(both->run, "differs_by_source", text);
		}
		if (to_witness && !to_main) {
			both->closed -= both->state[port] == PORT_CLOSED;
			both->open++;
			both->state[port] = PORT_OPEN;
			both->again[port] = witness->again[port];
		}
	}
	return shared;
}

/*
 * Sweeps once more from the witness. A filter may refuse the tester's usual address alone, by
 * RST or by ICMP, what it lets others have: only another address sees that. The witness has seen
 * it only if it was let in and refused as the usual address was, not if it is shut out itself.
 */
static int ask_again(struct inventory *inventory, const char *source, const char **ret_method)
{
	const struct tcp_sweep *main = inventory->main;
	struct probe_run *run = main->run;
	struct tcp_sweep *witness, *both = probe_alloc(run, sizeof(*both));
	unsigned shared;
	int error;

	witness = tcp_sweep_new(run, &main->device, source, probe_deadline(run));
	inventory->witness = witness;
	error = sweep(witness, ret_method);
	*both = *main;
	both->frames += witness->frames;
	inventory->both = both;
	if (error != 0 || witness->open + witness->closed == 0 || witness->open > TCP_OPEN_MANY) {
		probe_note(run, "the witness learnt nothing: %u ports accepted and %u refused",
			   witness->open, witness->closed);
		return error;
	}
	shared = put_together(both, witness);
	inventory->answered =
		complete(witness) && witness->control_held &&
		(main->open == 0 || (shared > 0 && tcp_sweep_seen_twice(witness) > 0));
	probe_note(run,
		   "from the witness %u ports accepted, %u of them from the usual address as well; "
		   "%u refused and %u said nothing",
		   witness->open, shared, witness->closed, tcp_sweep_silent(witness));
	return 0;
}

static int observe(struct probe_run *run)
{
	const struct address *device =
		profile_address(probe_profile(run), probe_text(run, "family"));
	struct inventory inventory = {.witness = NULL};
	int64_t start_ns = clock_ns();
	const char *method = "syn", *source = "witness";
	bool declared;
	int error;

	if (device == NULL) {
		return probe_give_up(run, WHY_NOT_DECLARED, "the profile declares no %s address",
				     probe_text(run, "family"));
	}
	probe_saw_text(run, "address", address_text(device).s);
	declared = profile_source(probe_profile(run), source, device->family) != NULL;
	/* half of the time is the witness's */
	inventory.both = inventory.main =
		tcp_sweep_new(run, device, NULL, start_ns + (probe_deadline(run) - start_ns) / 2);
	error = sweep(inventory.main, &method);
	inventory.answered = !declared;
	saw(&inventory, method, start_ns);
	if (error == 0 && declared && worth_asking_again(inventory.main)) {
		error = ask_again(&inventory, source, &method);
		saw(&inventory, method, start_ns);
	}
	return error != 0 ? error : settle_doubts(inventory.main);
}

static const struct fact_def facts[] = {
	{"address", FACT_TEXT, "", "the device's address that was swept"},
	{"method", FACT_TEXT, "", "syn: raw frames; connect: connections"},
	{"sources", FACT_LIST, "",
	 "the tester's addresses that all ports were asked from, by the profile's names; the rest "
	 "speaks of these alone"},
	{"differs_by_source", FACT_LIST, "",
	 "ports that are open to one source alone, at most 50, such as 4242/tcp open to witness "
	 "alone"},
	{"sources_answered", FACT_BOOL, "",
	 "every declared one of main and witness was let in somewhere, and refused where nothing "
	 "is open, all through; true where no witness is declared"},
	{"open", FACT_LIST, "", "ports that accept from any of the sources, such as 22/tcp"},
	{"open_count", FACT_INT, "", "how many accept"},
	{"closed_count", FACT_INT, "", "how many refuse"},
	{"no_answer_count", FACT_INT, "", "how many say nothing"},
	{"unanswered", FACT_LIST, "", "ranges that say nothing to the usual source, at most 50"},
	{"control_dead_port_closed", FACT_BOOL, "",
	 "a port that is not open was refused again at the end: the device still answers the "
	 "tester on ports it does not offer"},
	{"declared_open_seen_twice", FACT_BOOL, "",
	 "every open port accepted a second time at the end"},
	{"rst_limited", FACT_BOOL, "", "the device refuses only so often"},
	{"requests_limited", FACT_BOOL, "",
	 "it takes only so many connection requests, and some were not answered for that"},
	{"answers_everything", FACT_BOOL, "", "more than 1000 ports accept"},
	{"complete", FACT_BOOL, "",
	 "no port's silence to the usual source is the tester's own loss"},
	{"frames", FACT_INT, "", "frames or connections the sweep took"},
	{"seconds", FACT_REAL, "s", "how long the sweep took"},
	{0},
};

static const struct param_def params[] = {
	{.name = "family",
	 .type = PARAM_TEXT,
	 .meaning = "which address of the device is swept",
	 .fallback = "first",
	 .one_of = profile_family_word},
	{0},
};

static unsigned seconds(const struct param_value *values, size_t count)
{
	(void)values;
	(void)count;
	return 30; /* two rounds at 10,000 frames/s, and two from the witness */
}

const struct probe probe_tcp_inventory = {
	.id = "tcp.inventory",
	.summary = "which of all 65,536 TCP ports are open",
	.source = "RFC 9293",
	.impact = IMPACT_OBSERVE,
	.needs = NEEDS_WIRE | NEEDS_WITNESS,
	.timeout_s = 600, /* half of it for each source */
	.params = params,
	.facts = facts,
	.seconds = seconds,
	.observe = observe,
};
