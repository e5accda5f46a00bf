/* pacer: due times from a base and a count, without accumulated rounding. */
#define _GNU_SOURCE
#include "harness/gate/pacer.h"
#include "harness/base/clock.h"

#include <sys/prctl.h>

#include "harness/banned.h"

enum { BATCH_MAX = 64, BATCHES_PER_S = 3200 };

void pacer_init(struct pacer *pacer, int64_t rate)
{
	pthread_mutex_init(&pacer->lock, NULL);
	pacer->rate = rate < 1 ? 1 : rate;
	pacer->base_ns = clock_ns();
	pacer->taken = 0;
}

void pacer_release(struct pacer *pacer)
{
	pthread_mutex_destroy(&pacer->lock);
}

int64_t pacer_reserve(struct pacer *pacer, unsigned count)
{
	int64_t now = clock_ns(), due;

	pthread_mutex_lock(&pacer->lock);
	while (pacer->taken >= pacer->rate) {
		pacer->taken -= pacer->rate;
		pacer->base_ns += NS_PER_S;
	}
	due = pacer->base_ns + pacer->taken * NS_PER_S / pacer->rate;
	if (due < now - NS_PER_MS) {
		pacer->base_ns = now;
		pacer->taken = 0;
		due = now;
	}
	pacer->taken += count;
	pthread_mutex_unlock(&pacer->lock);
	return due;
}

unsigned pacer_batch(int64_t rate)
{
	int64_t batch = rate / BATCHES_PER_S;

	if (batch < 1) {
		return 1;
	}
	return batch > BATCH_MAX ? BATCH_MAX : (unsigned)batch;
}

void pacer_sharpen(void)
{
	prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
}
