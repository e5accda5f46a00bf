/* tcp_inventory: every TCP port of the device: open, closed, or no answer. */
#include "probes/tcp/tcp_sweep.h"

#include <errno.h>
#include <stdio.h>

#include "harness/banned.h"

enum { RANGES_MOST = 50 };

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

static void saw(const struct tcp_sweep *s, const char *method, int64_t start_ns)
{
	struct probe_run *run = s->run;

	probe_saw_text(run, "method", method);
	saw_open(s);
	saw_silent(s);
	probe_saw_int(run, "open_count", s->open);
	probe_saw_int(run, "closed_count", s->closed);
	probe_saw_int(run, "no_answer_count", tcp_sweep_silent(s));
	probe_saw_bool(run, "control_dead_port_closed", s->control_held);
	probe_saw_bool(run, "rst_limited", s->rst_limited);
	probe_saw_bool(run, "requests_limited", s->requests_limited);
	probe_saw_bool(run, "answers_everything", s->open > TCP_OPEN_MANY);
	probe_saw_bool(run, "complete", complete(s));
	probe_saw_int(run, "frames", (int64_t)s->frames);
	probe_saw_real(run, "seconds", (double)(clock_ns() - start_ns) / (double)NS_PER_S);
}

/* What makes the whole sweep worthless. */
static int settle_doubts(const struct tcp_sweep *s)
{
	unsigned again = 0;
	size_t port;

	for (port = 0; port < TCP_PORTS; port++) {
		again += s->state[port] == PORT_OPEN && s->again[port];
	}
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
	if (s->open > 0 && again == 0) {
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

static int observe(struct probe_run *run)
{
	const struct address *device =
		profile_address(probe_profile(run), probe_text(run, "family"));
	const char *method = "syn";
	int64_t start_ns = clock_ns();
	struct tcp_sweep *s;
	int error;

	if (device == NULL) {
		return probe_give_up(run, WHY_NOT_DECLARED, "the profile declares no %s address",
				     probe_text(run, "family"));
	}
	probe_saw_text(run, "address", address_text(device).s);
	s = tcp_sweep_new(run, device);
	error = tcp_sweep_raw(s);
	if (error == SWEEP_NOT_HERE) {
		probe_note(run, "no raw frames here: sweeping by connections");
		method = "connect";
		error = tcp_sweep_connect(s);
	}
	saw(s, method, start_ns);
	return error != 0 ? error : settle_doubts(s);
}

static const struct fact_def facts[] = {
	{"address", FACT_TEXT, "", "the device's address that was swept"},
	{"method", FACT_TEXT, "", "syn: raw frames; connect: connections"},
	{"open", FACT_LIST, "", "ports that accept, such as 22/tcp"},
	{"open_count", FACT_INT, "", "how many accept"},
	{"closed_count", FACT_INT, "", "how many refuse"},
	{"no_answer_count", FACT_INT, "", "how many say nothing"},
	{"unanswered", FACT_LIST, "", "ranges that say nothing, at most 50"},
	{"control_dead_port_closed", FACT_BOOL, "",
	 "a port that is not open was refused again at the end: the device still answers the "
	 "tester on ports it does not offer"},
	{"declared_open_seen_twice", FACT_BOOL, "",
	 "every open port accepted a second time at the end"},
	{"rst_limited", FACT_BOOL, "", "the device refuses only so often"},
	{"requests_limited", FACT_BOOL, "",
	 "it takes only so many connection requests, and some were not answered for that"},
	{"answers_everything", FACT_BOOL, "", "more than 1000 ports accept"},
	{"complete", FACT_BOOL, "", "no port's silence is the tester's own loss"},
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
	return 15; /* two rounds at 10,000 frames/s */
}

const struct probe probe_tcp_inventory = {
	.id = "tcp.inventory",
	.summary = "which of all 65,536 TCP ports are open",
	.source = "RFC 9293",
	.impact = IMPACT_OBSERVE,
	.needs = NEEDS_WIRE,
	.timeout_s = 300,
	.params = params,
	.facts = facts,
	.seconds = seconds,
	.observe = observe,
};
