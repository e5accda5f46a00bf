/*
 * device_identity: is it still the same device, and does it still offer what
 * it is declared to offer. Looked at before and after every check that may
 * leave traces; takes milliseconds on a healthy device.
 */
#include "probes/ssh/ssh_door.h"

#include "probes/probe.h"

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

static void look_at(struct probe_run *run, const struct service *service)
{
	int fd = probe_dial_port(run, service->port, DIAL_MS);
	bool ssh = false;

	if (fd < 0) {
		probe_saw_item(run, "services_down", service->name);
		return;
	}
	probe_saw_item(run, "services_up", service->name);
	if (strcmp(service->protocol, "ssh") == 0) {
		ssh = saw_ssh_banner(run, fd);
	}
	close(fd);
	if (ssh && probe_bool(run, "host_key")) {
		saw_ssh_host_key(run, service);
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
	const struct profile *profile = probe_profile(run);
	size_t i;

	probe_saw_none(run, "services_up");
	probe_saw_none(run, "services_down");
	for (i = 0; i < profile->service_count; i++) {
		if (!profile->services[i].udp) {
			look_at(run, &profile->services[i]);
		}
	}
	saw_mac(run);
	return 0;
}

static const struct param_def params[] = {
	{"host_key", PARAM_BOOL, "also takes the SSH host key, for which it connects once more",
	 "true", 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"services_up", FACT_LIST, "", "declared services that accept"},
	{"services_down", FACT_LIST, "", "declared services that do not"},
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
