/*
 * tcp_sweep_limit: what a device limits that answers only so often. RSTs cost a
 * device something, and many send a few hundred a second; then an open port
 * still answers. A filter that takes only so many SYNs hides open ports as well
 * as closed ones. Segments of no connection, to a port known to be open, draw
 * RSTs and are no SYNs: they starve the answers of the former alone.
 */
#include "probes/tcp/tcp_sweep.h"

#include "harness/banned.h"

enum {
	LEAD_MS = 150, /* to use up what a limiter lets through at once */
	SAMPLE_MS = 400,
	LAST_MS = 50,
	LEAST_PER_S = 20, /* SYNs; fewer are no sample */
	NOISE_TIMES = 8,  /* as many segments as the device answers */
	NOISE_MOST_PER_S = 20000,
	ALL_PERCENT = 80, /* of the SYNs are answered without the noise */
	STARVED_PERCENT = 50,
};

struct asking {
	struct tcp_sweep *sweep;
	struct frame segment;
	double per_s, noise_per_s;
	unsigned from; /* place in the order of ports */
};

/* The next port that has not answered, in an order that jumps about; -1: none. */
static int next_silent(struct asking *sample)
{
	unsigned tries;

	for (tries = 0; tries < TCP_PORTS; tries++) {
		uint16_t port = (uint16_t)(sample->from++ * 40503u);

		if (sample->sweep->state[port] == PORT_SILENT) {
			return port;
		}
	}
	return -1;
}

/* How many of such events are due after this time. */
static unsigned due(int64_t ns, double per_s)
{
	return ns <= 0 ? 0 : (unsigned)((double)ns * per_s / (double)NS_PER_S);
}

/* What is on its way comes within some round trips. */
static void wait_for_the_last(struct tcp_sweep *s)
{
	int64_t until = clock_ns() + 3 * s->rtt_ns + LAST_MS * NS_PER_MS;

	while (s->error == 0 && clock_ns() < until) {
		tcp_sweep_receive(s, until);
	}
}

/* Returns how many SYNs in a hundred were answered. */
static unsigned answered_percent(struct asking *sample, bool noise)
{
	struct tcp_sweep *s = sample->sweep;
	int64_t start = clock_ns(), now = start, lead = noise ? LEAD_MS * NS_PER_MS : 0;
	unsigned asked = 0, noises = 0, before = s->open + s->closed;

	while (s->error == 0 && now - start < lead + SAMPLE_MS * NS_PER_MS) {
		while (noise && s->error == 0 && noises < due(now - start, sample->noise_per_s)) {
			s->error = wire_send(s->wire, sample->segment.bytes, sample->segment.size);
			noises++;
		}
		while (s->error == 0 && asked < due(now - start - lead, sample->per_s)) {
			int port = next_silent(sample);

			if (port < 0) {
				break;
			}
			tcp_sweep_ask(s, (uint16_t)port);
			asked++;
		}
		tcp_sweep_receive(s, now + NS_PER_MS);
		now = clock_ns();
	}
	wait_for_the_last(s);
	return asked == 0 ? 0 : (s->open + s->closed - before) * 100 / asked;
}

bool tcp_sweep_limits_resets(struct tcp_sweep *s)
{
	struct asking sample = {.sweep = s, .per_s = s->answers_per_s / 4};
	unsigned alone, beside;

	if (s->known < 0 || sample.per_s < LEAST_PER_S) {
		return false;
	}
	sample.noise_per_s = s->answers_per_s * NOISE_TIMES;
	if (sample.noise_per_s > NOISE_MOST_PER_S) {
		sample.noise_per_s = NOISE_MOST_PER_S;
	}
	tcp_syn_make_ack(&s->syn, (uint16_t)s->known, &sample.segment);
	alone = answered_percent(&sample, false);
	beside = answered_percent(&sample, true);
	probe_note(s->run,
		   "%.0f answers a second; of %.0f SYNs a second %u %% were answered, and %u %% "
		   "beside %.0f segments that draw RSTs",
		   s->answers_per_s, sample.per_s, alone, beside, sample.noise_per_s);
	return alone >= ALL_PERCENT && beside * 100 <= alone * STARVED_PERCENT;
}
