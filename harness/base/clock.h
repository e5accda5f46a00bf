/* clock: the one monotonic clock that attack, monitors and journal share, and
 * absolute deadlines on it. */
#ifndef ASSAY_BASE_CLOCK_H
#define ASSAY_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_S  1000000000LL
#define NS_PER_MS 1000000LL

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t clock_ns(void);
/* CLOCK_BOOTTIME in nanoseconds: goes on while the machine sleeps, and like
 * CLOCK_MONOTONIC is never set; another boot begins at 0. */
int64_t clock_boot_ns(void);
/* Milliseconds until the deadline, rounded up, 0 when it has passed: fits
 * poll(2). */
int clock_left_ms(int64_t deadline_ns);
/* Sleeps until the deadline (TIMER_ABSTIME), through signals. */
void clock_sleep_until(int64_t deadline_ns);
/* The wall clock as RFC 3339 UTC with milliseconds, "2026-01-31T08:15:00.123Z".
 */
struct clock_text {
	char s[32];
};
struct clock_text clock_wall(void);
/* What the wall clock will show then (CLOCK_MONOTONIC), if nobody sets it. */
struct clock_text clock_wall_at(int64_t when_ns);

#endif
