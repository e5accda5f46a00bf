/* ring: the newest samples of one essential function in shared memory: one
 * writer, many readers, no locks. */
#define _GNU_SOURCE
#include "harness/run/ring.h"
#include "harness/base/page.h"
#include "harness/run/monitor.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "harness/banned.h"

/* At a period of 1 ms two minutes, which is more than all windows of a load
 * check. */
#define RING_CAPACITY ((uint64_t)1 << 17)

struct shared {
	_Atomic uint64_t count; /* samples ever added */
	struct sample slots[RING_CAPACITY];
};

struct sample_ring {
	struct page page;
	const struct shared *shared; /* every process's, to be read */
	struct shared *own;          /* the writer's; else NULL */
};

struct sample_ring *sample_ring_new(void)
{
	struct sample_ring *ring = calloc(1, sizeof(*ring));

	if (ring == NULL || page_new(&ring->page, "assay-samples", sizeof(struct shared)) != 0) {
		BUG("no shared memory for samples");
	}
	ring->shared = page_read(&ring->page);
	if (ring->shared == NULL) {
		BUG("no shared memory for samples");
	}
	return ring;
}

void sample_ring_free(struct sample_ring *ring)
{
	if (ring == NULL) {
		return;
	}
	munmap((void *)(uintptr_t)ring->shared, sizeof(struct shared));
	if (ring->own != NULL) {
		munmap(ring->own, sizeof(struct shared));
	}
	page_release(&ring->page);
	free(ring);
}

int sample_ring_open(struct sample_ring *ring)
{
	ring->own = page_write(&ring->page);
	return ring->own == NULL ? -1 : 0;
}

void sample_ring_add(struct sample_ring *ring, const struct sample *sample)
{
	struct shared *own = ring->own;
	uint64_t count = atomic_load_explicit(&own->count, memory_order_relaxed);

	/* readers that still see the old count know that this slot is the
	 * next to be overwritten and leave it out */
	own->slots[count % RING_CAPACITY] = *sample;
	atomic_store_explicit(&own->count, count + 1, memory_order_release);
}

uint64_t sample_ring_count(const struct sample_ring *ring)
{
	return atomic_load_explicit(&ring->shared->count, memory_order_acquire);
}

/* The number of the oldest sample that is surely whole. */
static uint64_t oldest(const struct shared *shared)
{
	uint64_t count = atomic_load_explicit(&shared->count, memory_order_acquire);

	return count < RING_CAPACITY ? 0 : count - RING_CAPACITY + 1;
}

size_t sample_ring_copy(const struct sample_ring *ring, int64_t from_ns, int64_t to_ns,
			struct sample *ret, size_t capacity)
{
	const struct shared *shared = ring->shared;
	uint64_t first = oldest(shared), at = sample_ring_count(ring), still;
	struct sample sample;
	size_t used = 0;

	/* due times only rise: walk back to the first one wanted */
	while (at > first && shared->slots[(at - 1) % RING_CAPACITY].due_ns >= from_ns) {
		at--;
	}
	for (; at < sample_ring_count(ring) && used < capacity; at++) {
		sample = shared->slots[at % RING_CAPACITY];
		atomic_thread_fence(memory_order_acquire);
		still = oldest(shared);
		if (at < still) {
			continue; /* overwritten while it was copied */
		}
		if (sample.due_ns >= to_ns) {
			break;
		}
		ret[used++] = sample;
	}
	return used;
}
