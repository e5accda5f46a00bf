/*
 * tcp_sweep: the SYN sweep. Rounds over the ports that have not answered yet;
 * how many depends on what the device does:
 *
 *  - it answers everything: one round;
 *  - it drops what it does not offer: two rounds, so that one lost frame hides
 *    no open port;
 *  - it sends only so many RSTs a second: three rounds; SYN+ACKs are not
 *    limited, so what is open has answered, and the rest is "no answer";
 *  - it takes only so many SYNs a second: one more round, below that rate;
 *  - frames get lost: more rounds, each at half the rate.
 */
#include "probes/tcp/tcp_sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "harness/banned.h"

enum {
	BATCH = 32,         /* frames between two looks at the answers */
	KNOWN_EVERY = 256,  /* frames between two to a port known to be open */
	KNOWN_LEAST = 8,    /* fewer prove nothing */
	ROUNDS_MOST = 6,    /* on a link that loses frames */
	FEW_CLOSED = 10,    /* fewer RSTs: the device drops */
	IDLE_LEAST_MS = 20, /* without an answer a round is over */
	IDLE_MOST_MS = 3000,
	HELLO_MS = 300, /* wait for the first sign of life, doubled twice */
	CONFIRM_MS = 200,
	CONFIRM_TRIES = 3,
	RESERVE_S = 5, /* kept for what comes after the sweep */
};

struct round {
	unsigned sent, open, closed;
	int64_t ns;
	uint64_t dropped;
};

struct tcp_sweep *tcp_sweep_new(struct probe_run *run, const struct address *device,
				const char *source, int64_t end_ns)
{
	struct tcp_sweep *s = probe_alloc(run, sizeof(*s));
	const struct device_link *link = &probe_profile(run)->link;
	size_t i;

	s->run = run;
	s->device = *device;
	s->source = source;
	s->end_ns = end_ns;
	s->known = -1;
	for (i = 0; i < link->exclude_count; i++) {
		s->state[link->exclude_ports[i]] = PORT_EXCLUDED;
	}
	for (i = 0; i < TCP_PORTS; i++) {
		s->asked += s->state[i] != PORT_EXCLUDED;
	}
	return s;
}

unsigned tcp_sweep_silent(const struct tcp_sweep *s)
{
	return s->asked - s->open - s->closed;
}

static void answered(struct tcp_sweep *s, uint16_t port, enum tcp_answer answer)
{
	uint8_t *state = &s->state[port];

	if (answer == TCP_ANSWER_NONE || *state == PORT_EXCLUDED) {
		return;
	}
	s->last_answer_ns = clock_ns();
	s->known_answered += answer == TCP_ANSWER_OPEN && port == s->known;
	if (answer == TCP_ANSWER_OPEN && *state != PORT_OPEN) {
		s->closed -= *state == PORT_CLOSED;
		s->open++;
		*state = PORT_OPEN;
	} else if (answer == TCP_ANSWER_CLOSED && *state == PORT_SILENT) {
		s->closed++;
		*state = PORT_CLOSED;
	}
	/* an open port that refuses now has not answered as it did */
	if (s->confirming) {
		s->again[port] |= (*state == PORT_OPEN) == (answer == TCP_ANSWER_OPEN);
	}
}

void tcp_sweep_receive(struct tcp_sweep *s, int64_t deadline_ns)
{
	const uint8_t *frame = NULL;
	int64_t stamp;
	uint16_t port = 0;
	long size = 1;

	while (s->error == 0 && size > 0) {
		size = wire_receive(s->wire, &frame, &stamp, deadline_ns);
		if (size > 0) {
			answered(s, port, tcp_answer_read(&s->syn, frame, (size_t)size, &port));
		} else if (size < 0) {
			s->error = (int)size;
		}
		deadline_ns = 0;
	}
}

void tcp_sweep_ask(struct tcp_sweep *s, uint16_t port)
{
	int error;

	tcp_syn_aim(&s->syn, port);
	error = wire_send(s->wire, s->syn.frame.bytes, s->syn.frame.size);
	if (error != 0) {
		s->error = error;
	}
}

/* Receives until there has been no answer for idle_ms, or until nothing more
 * can come. */
static void settle(struct tcp_sweep *s, int64_t idle_ms, bool (*enough)(const struct tcp_sweep *))
{
	int64_t since = clock_ns();

	while (s->error == 0 && !enough(s)) {
		if (wire_sending(s->wire)) {
			since = clock_ns();
		} else if (s->last_answer_ns > since) {
			since = s->last_answer_ns;
		}
		if (clock_ns() - since >= idle_ms * NS_PER_MS) {
			return;
		}
		tcp_sweep_receive(s, clock_ns() + NS_PER_MS);
	}
}

static bool out_of_time(struct tcp_sweep *s)
{
	if (clock_ns() > s->end_ns - RESERVE_S * NS_PER_S) {
		s->out_of_time = true;
	}
	return s->out_of_time;
}

/*
 * A device, or a filter before it, may take only so many SYNs a second or shut
 * a scanner out. Its closed ports then look as if its RSTs were limited, and
 * an open one among them stays unseen. So a port known to be open is asked
 * again all through the round.
 */
static void ask_known(struct tcp_sweep *s, unsigned sent)
{
	int port;

	if (sent % KNOWN_EVERY != 0) {
		return;
	}
	for (port = 0; s->known < 0 && s->open > 0 && port < (int)TCP_PORTS; port++) {
		s->known = s->state[port] == PORT_OPEN ? port : -1;
	}
	if (s->known >= 0) {
		tcp_sweep_ask(s, (uint16_t)s->known);
		s->known_asked++;
	}
}

bool tcp_sweep_shut_out(const struct tcp_sweep *s)
{
	return s->known_asked >= KNOWN_LEAST && s->known_answered * 4 < s->known_asked * 3;
}

static bool all_answered(const struct tcp_sweep *s)
{
	return tcp_sweep_silent(s) == 0;
}

static int64_t idle_ms(const struct tcp_sweep *s)
{
	int64_t ms = 3 * s->rtt_ns / NS_PER_MS;

	ms = ms < IDLE_LEAST_MS ? IDLE_LEAST_MS : ms;
	return ms > IDLE_MOST_MS ? IDLE_MOST_MS : ms;
}

/* Takes what comes until then. */
static void wait_until(struct tcp_sweep *s, int64_t until_ns)
{
	while (s->error == 0 && clock_ns() < until_ns) {
		tcp_sweep_receive(s, until_ns);
	}
}

/* Asks every port that has not answered, in an order that jumps about, pace_ns
 * apart (0: as fast as the gate lets through). */
static struct round ask_round(struct tcp_sweep *s, int64_t pace_ns)
{
	struct round round = {
		.open = s->open, .closed = s->closed, .dropped = wire_counts(s->wire).dropped};
	int64_t start = clock_ns();
	unsigned q;

	s->known_asked = 0;
	s->known_answered = 0;
	for (q = 0; q < TCP_PORTS && s->error == 0; q++) {
		uint16_t port = (uint16_t)(q * 40503u + s->syn.secret);

		if (s->state[port] != PORT_SILENT) {
			continue;
		}
		tcp_sweep_ask(s, port);
		round.sent++;
		ask_known(s, round.sent);
		if (round.sent % BATCH != 0) {
			continue;
		}
		tcp_sweep_receive(s, 0);
		wait_until(s, pace_ns == 0 ? 0 : start + round.sent * pace_ns);
		if (s->open > TCP_OPEN_MANY || out_of_time(s)) {
			break;
		}
	}
	settle(s, idle_ms(s), all_answered);
	round.ns = clock_ns() - start;
	round.open = s->open - round.open;
	round.closed = s->closed - round.closed;
	round.dropped = wire_counts(s->wire).dropped - round.dropped;
	return round;
}

/* True if more than half of those asked answered, but not all: frames were
 * lost on the way, and fewer a second may get through. */
static bool looks_lossy(const struct round *round)
{
	return (round->open + round->closed) * 2 > round->sent;
}

/* True if both rounds brought RSTs at the same rate, far below ours. */
static bool looks_limited(const struct round *a, const struct round *b)
{
	double first = (double)a->closed / (double)a->ns;
	double second = (double)b->closed / (double)b->ns;

	return a->closed * 2 < a->sent && b->closed * 2 < b->sent && b->closed >= FEW_CLOSED &&
	       b->open == 0 && second > first / 2 && second < first * 2;
}

static bool another_round(struct tcp_sweep *s, const struct round *rounds, unsigned count)
{
	const struct round *last = &rounds[count - 1];

	if (s->error != 0 || all_answered(s) || s->open > TCP_OPEN_MANY || s->out_of_time ||
	    count == ROUNDS_MOST) {
		return false;
	}
	if (count == 1) {
		return s->open + s->closed > 0;
	}
	if (last->dropped > 0) {
		return true;
	}
	if (last->open + last->closed == 0 || s->closed < FEW_CLOSED) {
		return last->open > 0;
	}
	s->rst_limited = looks_limited(last - 1, last);
	s->answers_per_s = (double)last->closed * NS_PER_S / (double)last->ns;
	return !s->rst_limited || count < 3;
}

/* True once somebody has answered at all. */
static bool any_answered(const struct tcp_sweep *s)
{
	return s->open + s->closed > 0;
}

/* Asks the declared services: a sign of life, and the round-trip time. */
static void say_hello(struct tcp_sweep *s)
{
	const struct profile *profile = probe_profile(s->run);
	unsigned tries;
	size_t i;

	s->asked_ns = clock_ns();
	for (tries = 0; tries < 3 && !any_answered(s); tries++) {
		for (i = 0; i < profile->service_count; i++) {
			const struct service *service = &profile->services[i];

			if (!service->udp && s->state[service->port] == PORT_SILENT) {
				tcp_sweep_ask(s, service->port);
			}
		}
		settle(s, profile->service_count > 0 ? HELLO_MS << tries : 0, any_answered);
	}
	if (any_answered(s)) {
		s->rtt_ns = s->last_answer_ns - s->asked_ns;
	}
}

/* True when every open port and the refused dead one have answered again. */
static bool confirmed(const struct tcp_sweep *s)
{
	size_t port;

	for (port = 0; port < TCP_PORTS; port++) {
		if (s->state[port] == PORT_OPEN && !s->again[port]) {
			return false;
		}
	}
	return s->dead < 0 || s->again[s->dead];
}

/* The highest port that is not open: refused, or silent where none is. */
static int dead_port(const struct tcp_sweep *s)
{
	uint8_t wanted = s->closed > 0 ? PORT_CLOSED : PORT_SILENT;
	int port;

	for (port = TCP_PORTS - 1; port >= 0; port--) {
		if (s->state[port] == wanted) {
			return port;
		}
	}
	return -1;
}

unsigned tcp_sweep_seen_twice(const struct tcp_sweep *s)
{
	unsigned count = 0;
	size_t port;

	for (port = 0; port < TCP_PORTS; port++) {
		count += s->state[port] == PORT_OPEN && s->again[port];
	}
	return count;
}

/* Asks every open port and one dead one again. */
static void confirm(struct tcp_sweep *s)
{
	unsigned tries;
	size_t port;

	s->dead = dead_port(s);
	s->confirming = true;
	for (tries = 0; tries < CONFIRM_TRIES && !confirmed(s); tries++) {
		for (port = 0; port < TCP_PORTS; port++) {
			bool open = s->state[port] == PORT_OPEN;

			if (s->again[port] || (!open && (int)port != s->dead)) {
				continue;
			}
			s->loss_seen = s->loss_seen || (open && tries > 0);
			tcp_sweep_ask(s, (uint16_t)port);
		}
		settle(s, tries == 0 || idle_ms(s) > CONFIRM_MS ? idle_ms(s) : CONFIRM_MS,
		       confirmed);
		if (s->closed == 0 && tcp_sweep_seen_twice(s) == s->open) {
			break; /* the dead port is silent, as it was */
		}
	}
	s->confirming = false;
	s->control_held = s->dead >= 0 && s->state[s->dead] == PORT_CLOSED && s->again[s->dead];
}

/* Asks what is left as slowly as the device takes it, where the time allows that. */
static void ask_slowly(struct tcp_sweep *s)
{
	int64_t pace_ns = (int64_t)(NS_PER_S * 1.25 / s->answers_per_s);
	int64_t needed_ns = pace_ns * tcp_sweep_silent(s);

	if (clock_ns() + needed_ns < s->end_ns - 2 * RESERVE_S * NS_PER_S) {
		probe_note(s->run, "asking %u ports again, %.0f a second", tcp_sweep_silent(s),
			   NS_PER_S / (double)pace_ns);
		ask_round(s, pace_ns);
	}
	s->requests_limited = tcp_sweep_silent(s) * 20 > s->asked;
}

/* What the silence of the ports that are left means. */
static void weigh_silence(struct tcp_sweep *s, const struct round *last)
{
	if (s->rst_limited && !tcp_sweep_shut_out(s) && !tcp_sweep_limits_resets(s)) {
		s->rst_limited = false;
		ask_slowly(s);
	}
	if (!s->rst_limited && !s->requests_limited && last->open + last->closed == 0 &&
	    s->closed > tcp_sweep_silent(s)) {
		s->hidden = tcp_sweep_silent(s);
	}
}

static int sweep(struct tcp_sweep *s)
{
	struct round rounds[ROUNDS_MOST];
	struct wire_counts counts;
	int64_t pace_ns = 0;
	unsigned count = 0;

	say_hello(s);
	do {
		rounds[count] = ask_round(s, pace_ns);
		s->dropped = rounds[count].dropped;
		if (looks_lossy(&rounds[count]) && count > 0) {
			pace_ns = 2 * rounds[count].ns / rounds[count].sent;
		}
		count++;
	} while (another_round(s, rounds, count));
	if (s->error == 0 && !s->out_of_time && s->open <= TCP_OPEN_MANY) {
		weigh_silence(s, &rounds[count - 1]);
	}
	if (s->open <= TCP_OPEN_MANY) {
		confirm(s);
	}
	counts = wire_counts(s->wire);
	s->frames = counts.sent;
	s->unsent = counts.refused + counts.send_errors;
	return s->error;
}

int tcp_sweep_raw(struct tcp_sweep *s)
{
	struct wire_target target = {.kind = WIRE_TCP, .device = s->device, .source = s->source};
	struct wire_facts facts;
	uint32_t secret = 0;
	struct text why;
	int error = 0;

	s->wire = probe_wire_to(s->run, &target, &facts, &error);
	if (s->wire == NULL && error == -EPERM) {
		return SWEEP_NOT_HERE;
	}
	if (s->wire == NULL && error == -EHOSTUNREACH) {
		return probe_give_up(s->run, WHY_DEVICE_LOST, "nobody answers for %s on the link",
				     address_text(&s->device).s);
	}
	if (s->wire == NULL) {
		return probe_give_up(s->run, WHY_NO_PRIVILEGE, "cannot open a raw door: %s",
				     strerror(-error));
	}
	if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret)) {
		secret = (uint32_t)clock_ns();
	}
	if (tcp_syn_build(&s->syn, &facts, secret, &why) != 0) {
		BUG("%s", why.s);
	}
	error = sweep(s);
	if (error == -EDQUOT) {
		return probe_give_up(s->run, WHY_BUDGET_SPENT,
				     "the profile's frame budget ended the "
				     "sweep after %" PRIu64 " frames",
				     s->frames);
	}
	if (error != 0) {
		return probe_give_up(s->run, WHY_TESTER_DROPPED, "the raw door broke: %s",
				     strerror(-error));
	}
	return 0;
}
