/*
 * counter_reads: whether a register that is read as a sign of life counts the
 * reads themselves. Such a register moves on although the program behind it
 * stands still. It is found out by reading more often for some samples: what the
 * program counts does not care. Then the reads are taken off again.
 *
 * Pure: it is told what was read and when.
 */
#ifndef ASSAY_PROBES_COUNTER_READS_H
#define ASSAY_PROBES_COUNTER_READS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	COUNTER_PHASE = 12, /* samples: one phase is read once a sample, the next oftener */
	COUNTER_PAIRS = 3,  /* of phases, which must all say the same */
	COUNTER_EXTRA = 3   /* reads more in a sample */
};

struct counter_reads {
	struct counter_phase {
		int64_t from_ns, until_ns;
		uint32_t counted, reads; /* between its first and its last sample */
	} phases[2];
	unsigned samples, pairs; /* of the phase; that said it counts reads */
	bool often;              /* the phase that is going on */
	bool done, counts;
	uint16_t last, taken_off;
};

/* How many reads more the next sample has to make: 0 or COUNTER_EXTRA. */
unsigned counter_reads_extra(const struct counter_reads *c);
/* The value that was read last in a sample that made so many reads. Returns it, without what the
 * reads themselves counted once that is known. */
uint16_t counter_reads_take(struct counter_reads *c, int64_t now_ns, uint16_t value,
			    unsigned reads);
/* A sample had not all its answers in time: what was counted so far says nothing, and a device that
 * cannot be read more often is not asked to again. */
void counter_reads_lost(struct counter_reads *c);

#endif
