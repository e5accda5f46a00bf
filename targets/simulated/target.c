/* target: the commands that list, start and stop targets, from the caller's
 * side. */
#define _GNU_SOURCE
#include "targets/simulated/target.h"
#include "harness/base/clock.h"
#include "targets/simulated/link.h"
#include "targets/simulated/state.h"
#include "targets/simulated/supervisor.h"
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "harness/banned.h"

#define UP_S       6
#define DOWN_S     5
#define LIFETIME_S (8 * 60 * 60)

int target_list(FILE *out)
{
	for (const struct target_def *def = target_table; def->name; def++) {
		struct target_link link = target_link_of(def);
		fprintf(out, "%-14s %-4s %-7s %-12s %s\n", def->name,
			target_state_running(def->name) ? "up" : "down", link.interface,
			link.address, def->summary);
	}
	return ferror(out) ? -1 : 0;
}

void target_traits(FILE *out)
{
	traits_print(out);
}

/* Ends the process and waits until it, and so all of the target, is gone. */
static int process_end(int process)
{
	struct pollfd wait = {.fd = process, .events = POLLIN};

	if (pidfd_send_signal(process, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return -1;
	return poll(&wait, 1, DOWN_S * 1000) == 1 ? 0 : -1;
}

/* A veth pair goes with the namespace, some milliseconds later. */
static void remains_remove(const struct target_def *def, struct target_state *state)
{
	struct target_link link = target_link_of(def);

	link_remove(&link);
	target_state_remove(state);
}

static int order_fill(struct supervisor_order *order, const struct target_def *def,
		      const struct target_options *options, struct text *why)
{
	struct device *device = &order->device;

	memset(order, 0, sizeof(*order));
	order->def = def;
	order->link = target_link_of(def);
	order->lifetime_s = options->lifetime_s > 0 ? options->lifetime_s : LIFETIME_S;
	snprintf(device->name, sizeof(device->name), "%s", def->name);
	snprintf(device->address, sizeof(device->address), "%s", order->link.address);
	device->traits = traits_of(def->temper);
	if (def->recipe && options->traits && options->traits[0])
		return text_error(why,
				  "target '%s' has no traits: it runs "
				  "real servers",
				  def->name);
	for (size_t i = 0; options->traits && options->traits[i]; i++)
		if (traits_set(&device->traits, options->traits[i], why) < 0)
			return -1;
	return 0;
}

/* From a supervisor that was just started to a target that is up. */
static int start_finish(const struct supervisor_order *order, int channel,
			const struct target_state *state, struct text *why)
{
	struct supervisor_word word;
	int64_t deadline = clock_ns() + UP_S * NS_PER_S;

	if (supervisor_hear(channel, &word, deadline, why) < 0 ||
	    target_state_write(state, word.pid, why) < 0 ||
	    link_make(&order->link, word.pid, why) < 0)
		return -1;
	if (supervisor_tell(channel, &word) < 0)
		return text_error(why, "it ended while starting");
	if (supervisor_hear(channel, &word, deadline, why) < 0)
		return -1;
	return link_ready(&order->link, why);
}

static int start(struct supervisor_order *order, struct target_state *state, struct text *why)
{
	char line[300];
	int channel, rc, process;

	if (!order->def->recipe && keys_make(&order->device, why) < 0)
		return -1;
	channel = supervisor_start(order, why);
	if (channel < 0)
		return -1;
	rc = start_finish(order, channel, state, why);
	close(channel);
	if (rc == 0)
		return 0;
	process = target_state_process(state);
	if (process >= 0) {
		process_end(process);
		close(process);
		target_state_log(state, line, sizeof(line));
		text_prefix(why,
			    "target '%s' did not come up (last of its "
			    "log: %s)",
			    order->def->name, line);
	}
	return -1;
}

static int order_run(struct supervisor_order *order, struct text *why)
{
	struct target_state state;
	struct device_shared *shared = NULL;
	int process, rc = -1;

	target_state_sweep();
	if (target_state_open(&state, order->def->name, why) < 0)
		return -1;
	process = target_state_process(&state);
	if (process >= 0) {
		close(process);
		target_state_close(&state);
		return text_error(why, "target '%s' is already up", order->def->name);
	}
	snprintf(order->device.directory, sizeof(order->device.directory), "%s", state.directory);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	order->device.shared = shared;
	if (shared == MAP_FAILED)
		text_error(why, "no memory: %s", strerror(errno));
	else
		rc = start(order, &state, why);
	if (shared != MAP_FAILED)
		munmap(shared, sizeof(*shared));
	if (rc < 0)
		remains_remove(order->def, &state);
	else
		target_state_close(&state);
	return rc;
}

static void say_up(FILE *out, const struct supervisor_order *order)
{
	const char *name = order->def->name;
	const struct target_link *link = &order->link;

	fprintf(out,
		"target '%s' is up at %s, on interface %s (%s, witness %s)\n"
		"profile: %s/targets/profiles/%s.yaml\n"
		"next: assay run %s/targets/profiles/%s.yaml\n",
		name, link->address, link->interface, link->tester, link->witness, ASSAY_DATA_DIR,
		name, ASSAY_DATA_DIR, name);
}

int target_up(const char *name, const struct target_options *options, struct text *why)
{
	const struct target_def *def = target_find(name);
	struct supervisor_order order;

	if (!def)
		return text_error(why, "no target is called '%s'", name);
	if (order_fill(&order, def, options, why) < 0 || order_run(&order, why) < 0)
		return -1;
	if (options->out)
		say_up(options->out, &order);
	return 0;
}

int target_down(const char *name, struct text *why)
{
	const struct target_def *def = target_find(name);
	struct target_state state;
	int process, rc = 0;

	if (!def)
		return text_error(why, "no target is called '%s'", name);
	target_state_sweep();
	if (target_state_open(&state, name, why) < 0)
		return -1;
	process = target_state_process(&state);
	if (process < 0) {
		target_state_remove(&state);
		return text_error(why, "target '%s' is not up here", name);
	}
	rc = process_end(process);
	close(process);
	if (rc < 0) {
		target_state_close(&state);
		return text_error(why, "target '%s' would not end", name);
	}
	remains_remove(def, &state);
	return 0;
}
