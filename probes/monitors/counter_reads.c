/* counter_reads: compares how fast a register moves when it is read more often. */
#include "probes/monitors/counter_reads.h"

#include <string.h>

#include "harness/banned.h"

unsigned counter_reads_extra(const struct counter_reads *c)
{
	return !c->done && c->often ? COUNTER_EXTRA : 0;
}

/*
 * True where the reads that came in addition moved the register by one each, and that is no small
 * part of how far it moved: a register that counts many times between two reads does not move
 * exactly evenly, and its unevenness must not be taken for reads.
 */
static bool counts_reads(const struct counter_phase *once, const struct counter_phase *often)
{
	double scale = (double)(often->until_ns - often->from_ns) /
		       (double)(once->until_ns - once->from_ns);
	double expected = scale * once->counted;
	double moved = often->counted - expected;
	double reads = often->reads - scale * once->reads;

	return reads >= COUNTER_PHASE && moved > 0.75 * reads && moved < 1.25 * reads &&
	       moved > 0.5 * expected;
}

static void phase_begin(struct counter_reads *c, bool often)
{
	c->often = often;
	c->samples = 0;
}

static void phase_end(struct counter_reads *c)
{
	if (!c->often) {
		phase_begin(c, true);
		return;
	}
	if (!counts_reads(&c->phases[0], &c->phases[1])) {
		c->done = true;
		return;
	}
	c->pairs++;
	c->done = c->counts = c->pairs == COUNTER_PAIRS;
	phase_begin(c, false);
}

static void learn(struct counter_reads *c, int64_t now_ns, uint16_t value, unsigned reads)
{
	struct counter_phase *phase = &c->phases[c->often];

	if (c->samples == 0) {
		*phase = (struct counter_phase){.from_ns = now_ns};
	} else {
		phase->counted += (uint16_t)(value - c->last);
		phase->reads += reads;
	}
	phase->until_ns = now_ns;
	c->last = value;
	if (++c->samples == COUNTER_PHASE) {
		phase_end(c);
	}
}

uint16_t counter_reads_take(struct counter_reads *c, int64_t now_ns, uint16_t value, unsigned reads)
{
	if (!c->done) {
		learn(c, now_ns, value, reads);
	} else if (c->counts) {
		c->taken_off = (uint16_t)(c->taken_off + reads);
	}
	return (uint16_t)(value - c->taken_off);
}

void counter_reads_lost(struct counter_reads *c)
{
	c->done = c->done || c->often;
	phase_begin(c, false);
}
