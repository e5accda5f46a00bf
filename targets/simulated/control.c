/*
 * control: the control program of the simulated controller. It counts its
 * cycles in a register, every 10 ms at absolute deadlines, and obeys the load
 * laws of the traits: a longer cycle above so many frames/s, one stop of an
 * exact length.
 */
#include "harness/base/clock.h"
#include "targets/simulated/device.h"
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define CYCLE_NS (10 * NS_PER_MS)
/* Load is what arrived in the last 100 ms, looked at every 10 ms: short enough
 * to react within a monitor's tolerance, long enough not to take a burst of a
 * paced sender for a storm. */
#define SLICES   10
#define SLICE_NS (10 * NS_PER_MS)

struct control {
	pthread_mutex_t lock; /* of registers */
	uint16_t registers[REGISTER_COUNT];
	struct load_meter *meter;
	int64_t slow_above, slow_ns, stop_at, stop_ns;
	atomic_llong load;       /* frames/s over the last SLICES */
	atomic_llong stop_until; /* CLOCK_MONOTONIC, ns */
	bool stopped_once;
};

void control_read(struct control *control, uint16_t ret[REGISTER_COUNT])
{
	pthread_mutex_lock(&control->lock);
	memcpy(ret, control->registers, sizeof(control->registers));
	pthread_mutex_unlock(&control->lock);
}

void control_write(struct control *control, const uint16_t *from, int first, int count)
{
	pthread_mutex_lock(&control->lock);
	for (int i = first; i < first + count && i < REGISTER_COUNT; i++)
		if (i != REGISTER_CYCLES)
			control->registers[i] = from[i];
	pthread_mutex_unlock(&control->lock);
}

void control_count(struct control *control)
{
	pthread_mutex_lock(&control->lock);
	control->registers[REGISTER_CYCLES]++;
	pthread_mutex_unlock(&control->lock);
}

static void load_look(struct control *control, uint64_t *slices, size_t *next)
{
	uint64_t sum = 0;

	slices[*next] = load_meter_take(control->meter);
	*next = (*next + 1) % SLICES;
	for (size_t i = 0; i < SLICES; i++)
		sum += slices[i];
	sum = sum * (uint64_t)(NS_PER_S / (SLICES * SLICE_NS));
	atomic_store(&control->load, (long long)sum);
	if (control->stop_at == 0 || control->stopped_once || sum <= (uint64_t)control->stop_at)
		return;
	control->stopped_once = true;
	atomic_store(&control->stop_until, clock_ns() + control->stop_ns);
}

void control_come_first(void)
{
	struct sched_param first = {.sched_priority = 1};

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &first);
}

static void *load_run(void *argument)
{
	struct control *control = argument;
	uint64_t slices[SLICES] = {0};
	size_t next = 0;

	control_come_first();
	for (int64_t due = clock_ns();; due += SLICE_NS) {
		clock_sleep_until(due);
		load_look(control, slices, &next);
	}
	return NULL;
}

static void *cycle_run(void *argument)
{
	struct control *control = argument;
	int64_t due = clock_ns();

	control_come_first();
	for (;;) {
		bool slow = control->slow_above > 0 &&
			    atomic_load(&control->load) > control->slow_above;
		int64_t stop = atomic_load(&control->stop_until);
		due += slow ? control->slow_ns : CYCLE_NS;
		if (due < stop)
			due = stop;
		clock_sleep_until(due);
		stop = atomic_load(&control->stop_until);
		if (clock_ns() < stop)
			continue;
		pthread_mutex_lock(&control->lock);
		control->registers[REGISTER_CYCLES]++;
		pthread_mutex_unlock(&control->lock);
	}
	return NULL;
}

struct control *control_new(const struct device *device, struct text *why)
{
	struct control *control = calloc(1, sizeof(*control));
	pthread_t thread;

	if (!control) {
		text_error(why, "no memory for the control program");
		return NULL;
	}
	control->slow_above = device_trait(device, TRAIT_SLOW_ABOVE);
	control->slow_ns = device_trait(device, TRAIT_SLOW_CYCLE) * NS_PER_MS;
	control->stop_at = device_trait(device, TRAIT_STOP_AT);
	control->stop_ns = device_trait(device, TRAIT_STOP_FOR) * NS_PER_MS;
	pthread_mutex_init(&control->lock, NULL);
	control->meter = load_meter_new(device_trait(device, TRAIT_LOAD_FAMILY), why);
	if (!control->meter)
		goto failed;
	if (pthread_create(&thread, NULL, load_run, control) == 0 &&
	    pthread_create(&thread, NULL, cycle_run, control) == 0)
		return control;
	text_error(why, "cannot start the control program");
failed:
	load_meter_free(control->meter);
	free(control);
	return NULL;
}
