/* clock: CLOCK_MONOTONIC and the wall clock. */
#define _GNU_SOURCE
#include "harness/base/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "harness/banned.h"

int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int clock_left_ms(int64_t deadline_ns)
{
	int64_t left = deadline_ns - clock_ns();

	if (left <= 0) {
		return 0;
	}
	left = (left + NS_PER_MS - 1) / NS_PER_MS;
	return left > INT_MAX ? INT_MAX : (int)left;
}

void clock_sleep_until(int64_t deadline_ns)
{
	struct timespec until = {.tv_sec = deadline_ns / NS_PER_S,
				 .tv_nsec = deadline_ns % NS_PER_S};
	int error;

	do {
		error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	} while (error == EINTR);
}

int64_t clock_boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* The wall clock, so many nanoseconds from now. */
static struct clock_text wall_text(int64_t ahead_ns)
{
	struct clock_text text;
	struct timespec now;
	struct tm utc;
	char day[24];
	int64_t ns;

	clock_gettime(CLOCK_REALTIME, &now);
	ns = now.tv_sec * NS_PER_S + now.tv_nsec + ahead_ns;
	now.tv_sec = (time_t)(ns / NS_PER_S);
	gmtime_r(&now.tv_sec, &utc);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text.s, sizeof(text.s), "%s.%03uZ", day,
		 (unsigned)(ns % NS_PER_S / NS_PER_MS) % 1000u);
	return text;
}

struct clock_text clock_wall(void)
{
	return wall_text(0);
}

struct clock_text clock_wall_at(int64_t when_ns)
{
	return wall_text(when_ns - clock_ns());
}
