/*
 * pacer: spreads frames evenly over time by absolute deadlines, so that an
 * error of one pause is made up by the next and the mean rate is exact. It
 * only says when; waiting is the caller's.
 */
#ifndef ASSAY_GATE_PACER_H
#define ASSAY_GATE_PACER_H

#include <pthread.h>
#include <stdint.h>

struct pacer {
	pthread_mutex_t lock;
	int64_t rate;    /* frames/s */
	int64_t base_ns; /* due time of frame 0 */
	int64_t taken;   /* frames reserved since base_ns, below rate */
};

void pacer_init(struct pacer *pacer, int64_t rate);
void pacer_release(struct pacer *pacer);
/* Reserves count frames and returns when the first of them is due. Pauses
 * longer than a millisecond are not made up. Thread-safe. */
int64_t pacer_reserve(struct pacer *pacer, unsigned count);

/* How many frames go out together at this rate: as many as are due within
 * 0.3 ms, which spares the CPU and stays below any device's own granularity.
 */
unsigned pacer_batch(int64_t rate);
/* The calling thread's sleeps end when they are due, not 50 us later. */
void pacer_sharpen(void);

#endif
