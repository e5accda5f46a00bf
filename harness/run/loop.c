/* loop: poll(2) over a small table. */
#define _GNU_SOURCE
#include "harness/run/loop.h"
#include "harness/base/clock.h"
#include "harness/base/text.h"

#include <poll.h>
#include <string.h>

#include "harness/banned.h"

void loop_add(struct loop *loop, struct loop_source *source)
{
	if (loop->count == LOOP_SOURCES) {
		BUG("more than %d sources in a loop", LOOP_SOURCES);
	}
	loop->at[loop->count++] = source;
}

/* Returns its place, or the count. */
static size_t place_of(const struct loop *loop, const struct loop_source *source)
{
	size_t i;

	for (i = 0; i < loop->count && loop->at[i] != source; i++) {
	}
	return i;
}

void loop_remove(struct loop *loop, struct loop_source *source)
{
	size_t place = place_of(loop, source);

	if (place < loop->count) {
		loop->count--;
		memmove(&loop->at[place], &loop->at[place + 1],
			(loop->count - place) * sizeof(loop->at[0]));
	}
}

/* Fills one entry per source of the table. Returns when the first is due. */
static int64_t prepare(const struct loop *loop, struct pollfd *entries)
{
	int64_t due_ns = LOOP_NEVER;
	size_t i;

	for (i = 0; i < loop->count; i++) {
		const struct loop_source *source = loop->at[i];

		/* poll(2) passes over a negative descriptor */
		entries[i] =
			(struct pollfd){.fd = source->muted ? -1 : source->fd, .events = POLLIN};
		if (!source->muted && source->due_ns < due_ns) {
			due_ns = source->due_ns;
		}
	}
	return due_ns;
}

static bool anything(const struct loop *loop)
{
	size_t i;

	for (i = 0; i < loop->count; i++) {
		const struct loop_source *source = loop->at[i];

		if (!source->muted && (source->fd >= 0 || source->due_ns != LOOP_NEVER)) {
			return true;
		}
	}
	return false;
}

int loop_step(struct loop *loop)
{
	struct pollfd entries[LOOP_SOURCES];
	struct loop_source *seen[LOOP_SOURCES];
	size_t i, count = loop->count;
	int64_t due_ns, now;

	if (!anything(loop)) {
		return 0;
	}
	due_ns = prepare(loop, entries);
	memcpy(seen, loop->at, count * sizeof(seen[0]));
	if (poll(entries, (nfds_t)count, due_ns == LOOP_NEVER ? -1 : clock_left_ms(due_ns)) < 0) {
		return 0; /* a signal: whoever cares has a descriptor for it */
	}
	now = clock_ns();
	for (i = 0; i < count; i++) {
		/* one that was called before may have removed or muted it */
		if (place_of(loop, seen[i]) == loop->count || seen[i]->muted ||
		    (entries[i].revents == 0 && seen[i]->due_ns > now)) {
			continue;
		}
		if (seen[i]->ready(seen[i]->argument) != 0) {
			return -1;
		}
	}
	return 0;
}
