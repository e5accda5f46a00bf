/*
 * device_identity: is it still the same device, and does it still offer what
 * it is declared to offer. Looked at before and after every check that may
 * leave traces; takes milliseconds on a healthy device.
 */
#include "probes/ssh/ssh_door.h"

#include "probes/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

enum { DIAL_MS = 2000, BANNER_MS = 1000, BANNER_MOST = 255 };

/* The server speaks first (RFC 4253, 4.2): its software version. */
static bool saw_ssh_banner(struct probe_run *run, int fd)
{
	int64_t deadline = clock_ns() + BANNER_MS * NS_PER_MS;
	char banner[BANNER_MOST + 1];
	char text[4 * BANNER_MOST + 1];
	size_t have = 0;
	const char *end = NULL;

	while (have < BANNER_MOST && end == NULL) {
		long got = probe_read(run, fd, banner + have, BANNER_MOST - have, deadline);

		if (got <= 0) {
			return false;
		}
		have += (size_t)got;
		end = memchr(banner, '\n', have);
	}
	/* Noise is no identity: it is another each time. */
	if (end != NULL && memcmp(banner, "SSH-", 4) == 0) {
		have = (size_t)(end - banner);
		have -= have > 0 && banner[have - 1] == '\r';
		probe_saw_text(run, "ssh_banner", text_printable(text, sizeof(text), banner, have));
		return true;
	}
	return false;
}

/* On a connection of its own, the key that the server proves to hold. */
static void saw_ssh_host_key(struct probe_run *run, const struct service *service)
{
	struct session session = {.run = run, .service = service};
	struct ssh_door door = {.session = &session};

	if (ssh_door_open(&door, "assay") == 0 && door.host_key[0] != '\0') {
		probe_saw_text(run, "ssh_host_key", door.host_key);
	}
	ssh_door_close(&door);
}

/* All that is asked of the declared TCP services. */
struct asking {
	struct probe_run *run;
	const struct service **services;
	struct dial_order *orders;
	enum { UNASKED, UP, DOWN, NO_PLACE, WITNESS_ONLY } * states;
	size_t count;
	const struct service *ssh; /* one that said its name, or NULL */
};

static void took_answer(void *argument, size_t number, int fd)
{
	struct asking *asking = argument;
	const struct service *service = asking->services[number];

	if (fd < 0) {
		/* without a place in the budget it was not asked */
		asking->states[number] = fd == -EDQUOT ? NO_PLACE : DOWN;
		return;
	}
	asking->states[number] = UP;
	if (strcmp(service->protocol, "ssh") == 0 && saw_ssh_banner(asking->run, fd)) {
		asking->ssh = service;
	}
	close(fd);
}

static void took_witness(void *argument, size_t number, int fd)
{
	struct asking *asking = argument;

	if (fd >= 0) {
		asking->states[number] = WITNESS_ONLY;
		close(fd);
	}
}

/* Those that do not let the tester in, asked from the witness address. */
static void ask_witness(struct asking *asking)
{
	struct asking down = *asking;
	size_t i;

	down.count = 0;
	down.services = probe_alloc(asking->run, asking->count * sizeof(*down.services));
	down.orders = probe_alloc(asking->run, asking->count * sizeof(*down.orders));
	down.states = probe_alloc(asking->run, asking->count * sizeof(*down.states));
	for (i = 0; i < asking->count; i++) {
		if (asking->states[i] == DOWN) {
			down.services[down.count] = asking->services[i];
			down.orders[down.count] = asking->orders[i];
			down.orders[down.count++].source = "witness";
		}
	}
	probe_dial_all(asking->run, down.orders, down.count, took_witness, &down);
	for (i = 0, down.count = 0; i < asking->count; i++) {
		if (asking->states[i] == DOWN && down.states[down.count++] == WITNESS_ONLY) {
			asking->states[i] = WITNESS_ONLY;
		}
	}
}

static bool is_spared(struct probe_run *run, const struct service *service)
{
	const char *const *name = probe_list(run, "spare");

	while (*name != NULL && strcmp(*name, service->name) != 0) {
		name++;
	}
	return *name != NULL;
}

static struct asking asking_of(struct probe_run *run)
{
	const struct profile *profile = probe_profile(run);
	size_t i, most = profile->service_count + 1;
	struct asking asking = {.run = run};

	asking.services = probe_alloc(run, most * sizeof(*asking.services));
	asking.orders = probe_alloc(run, most * sizeof(*asking.orders));
	asking.states = probe_alloc(run, most * sizeof(*asking.states));
	for (i = 0; i < profile->service_count; i++) {
		const struct service *service = &profile->services[i];

		if (!service->udp && !is_spared(run, service)) {
			asking.services[asking.count] = service;
			asking.orders[asking.count++] =
				(struct dial_order){.port = service->port, .timeout_ms = DIAL_MS};
		}
	}
	return asking;
}

static void saw_services(const struct asking *asking)
{
	static const char *const facts[] = {
		[UP] = "services_up",
		[DOWN] = "services_down",
		[NO_PLACE] = "services_taken",
		[WITNESS_ONLY] = "services_witness",
	};
	size_t i;

	probe_saw_none(asking->run, "services_up");
	probe_saw_none(asking->run, "services_down");
	probe_saw_none(asking->run, "services_taken");
	probe_saw_none(asking->run, "services_witness");
	for (i = 0; i < asking->count; i++) {
		if (facts[asking->states[i]] != NULL) {
			probe_saw_item(asking->run, facts[asking->states[i]],
				       asking->services[i]->name);
		}
	}
}

static void saw_mac(struct probe_run *run)
{
	struct wire_facts facts;

	if (probe_link(run, &facts) == 0) {
		probe_saw_text(run, "mac", mac_text(facts.device_mac).s);
	}
}

static int observe(struct probe_run *run)
{
	struct asking asking = asking_of(run);

	probe_dial_all(run, asking.orders, asking.count, took_answer, &asking);
	if (probe_bool(run, "witness")) {
		ask_witness(&asking);
	}
	saw_services(&asking);
	if (asking.ssh != NULL && probe_bool(run, "host_key")) {
		saw_ssh_host_key(run, asking.ssh);
	}
	saw_mac(run);
	return 0;
}

static const struct param_def params[] = {
	{"host_key", PARAM_BOOL, "also takes the SSH host key, for which it connects once more",
	 "true", 0, 0},
	{"witness", PARAM_BOOL, "also asks from the witness address what does not let it in",
	 "false", 0, 0},
	{"spare", PARAM_LIST, "names of services that are not asked", "", 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"services_up", FACT_LIST, "", "declared services that accept"},
	{"services_down", FACT_LIST, "", "declared services that do not"},
	{"services_taken", FACT_LIST, "", "those that had no place for one more connection"},
	{"services_witness", FACT_LIST, "", "those that let the witness in, but not the tester"},
	{"ssh_banner", FACT_TEXT, "", "what the SSH server says first"},
	{"ssh_host_key", FACT_TEXT, "", "SHA-256 of the SSH server's key"},
	{"mac", FACT_TEXT, "", "link-layer address that answers"},
	{0},
};

const struct probe probe_device_identity = {
	.id = "device.identity",
	.summary = "the device is there and is still the same",
	.source = "RFC 9293, RFC 4253",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 60,
	.params = params,
	.facts = facts,
	.observe = observe,
};
