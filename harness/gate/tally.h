/* tally: what one pass did, counted by several threads. */
#ifndef ASSAY_GATE_TALLY_H
#define ASSAY_GATE_TALLY_H

#include "harness/gate/gate.h"
#include <pthread.h>

struct tally {
	pthread_mutex_t lock;
	struct gate_traffic traffic;
};

void tally_init(struct tally *tally);
void tally_release(struct tally *tally);
/* Counts one refusal and keeps its sentence. */
void tally_refuse(struct tally *tally, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void tally_sent(struct tally *tally, uint64_t frames, uint64_t bytes);
void tally_connection(struct tally *tally, bool made);
/* One unit of a counted budget was granted. */
void tally_spent(struct tally *tally, enum spending what);
void tally_captured(struct tally *tally, uint64_t captured, uint64_t dropped);
struct gate_traffic tally_total(struct tally *tally);

#endif
