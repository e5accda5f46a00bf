/*
 * stop: how every load loop learns that it has to end: the runner said so, a
 * signal came, another host answers for the device, or the gate is ending. Looked at by loads at least every 5 ms.
 */
#ifndef ASSAY_GATE_STOP_H
#define ASSAY_GATE_STOP_H

#include <stdatomic.h>
#include <stdbool.h>

struct stop {
	atomic_uint orders;      /* counts gate_stop_load() */
	atomic_bool interrupted; /* SIGINT or SIGTERM: for good */
	atomic_bool strange;     /* another host answers: for good */
};

/* What a load remembers when it starts. */
static inline unsigned stop_mark(struct stop *stop)
{
	return atomic_load(&stop->orders);
}

static inline bool stop_asked(struct stop *stop, unsigned mark)
{
	return atomic_load_explicit(&stop->interrupted, memory_order_relaxed) ||
	       atomic_load_explicit(&stop->strange, memory_order_relaxed) ||
	       atomic_load_explicit(&stop->orders, memory_order_relaxed) != mark;
}

#endif
