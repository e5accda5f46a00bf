/* tally: counters behind a lock; they change per batch, not per frame. */
#include "harness/gate/tally.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

void tally_init(struct tally *tally)
{
	memset(&tally->traffic, 0, sizeof(tally->traffic));
	pthread_mutex_init(&tally->lock, NULL);
}

void tally_release(struct tally *tally)
{
	pthread_mutex_destroy(&tally->lock);
}

void tally_refuse(struct tally *tally, const char *format, ...)
{
	va_list arguments;

	pthread_mutex_lock(&tally->lock);
	tally->traffic.refused++;
	va_start(arguments, format);
	vsnprintf(tally->traffic.last_refusal, sizeof(tally->traffic.last_refusal), format,
		  arguments);
	va_end(arguments);
	pthread_mutex_unlock(&tally->lock);
}

void tally_sent(struct tally *tally, uint64_t frames, uint64_t bytes)
{
	pthread_mutex_lock(&tally->lock);
	tally->traffic.frames += frames;
	tally->traffic.bytes += bytes;
	pthread_mutex_unlock(&tally->lock);
}

void tally_connection(struct tally *tally, bool made)
{
	pthread_mutex_lock(&tally->lock);
	if (made) {
		tally->traffic.connections++;
	} else {
		tally->traffic.connects_failed++;
	}
	pthread_mutex_unlock(&tally->lock);
}

void tally_spent(struct tally *tally, enum spending what)
{
	pthread_mutex_lock(&tally->lock);
	if (what == SPEND_WRITE) {
		tally->traffic.writes++;
	} else {
		tally->traffic.failed_logins++;
	}
	pthread_mutex_unlock(&tally->lock);
}

void tally_captured(struct tally *tally, uint64_t captured, uint64_t dropped)
{
	pthread_mutex_lock(&tally->lock);
	tally->traffic.captured += captured;
	tally->traffic.capture_dropped += dropped;
	pthread_mutex_unlock(&tally->lock);
}

struct gate_traffic tally_total(struct tally *tally)
{
	struct gate_traffic traffic;

	pthread_mutex_lock(&tally->lock);
	traffic = tally->traffic;
	pthread_mutex_unlock(&tally->lock);
	return traffic;
}
