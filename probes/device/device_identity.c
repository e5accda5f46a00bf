/*
 * device_identity: is it still the same device, and does it still offer what
 * it is declared to offer. Looked at before and after every check that may
 * leave traces; takes milliseconds on a healthy device.
 */
#include "probes/probe.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

enum { DIAL_MS = 2000, BANNER_MS = 1000, BANNER_MOST = 255 };

/* The server speaks first (RFC 4253, 4.2): its software version. */
static void saw_ssh_banner(struct probe_run *run, int fd)
{
	int64_t deadline = clock_ns() + BANNER_MS * NS_PER_MS;
	char banner[BANNER_MOST + 1];
	char text[4 * BANNER_MOST + 1];
	size_t have = 0;
	const char *end = NULL;

	while (have < BANNER_MOST && end == NULL) {
		long got = probe_read(run, fd, banner + have,
				      BANNER_MOST - have, deadline);

		if (got <= 0) {
			return;
		}
		have += (size_t)got;
		end = memchr(banner, '\n', have);
	}
	if (end != NULL) {
		have = (size_t)(end - banner);
		have -= have > 0 && banner[have - 1] == '\r';
		probe_saw_text(
			run, "ssh_banner",
			text_printable(text, sizeof(text), banner, have));
	}
}

static void look_at(struct probe_run *run, const struct service *service)
{
	int fd = probe_dial_port(run, service->port, DIAL_MS);

	if (fd < 0) {
		probe_saw_item(run, "services_down", service->name);
		return;
	}
	probe_saw_item(run, "services_up", service->name);
	if (strcmp(service->protocol, "ssh") == 0) {
		saw_ssh_banner(run, fd);
	}
	close(fd);
}

static void saw_mac(struct probe_run *run)
{
	struct wire_facts facts;
	char text[18];
	const uint8_t *m = facts.device_mac;

	if (probe_link(run, &facts) == 0) {
		snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
			 m[0], m[1], m[2], m[3], m[4], m[5]);
		probe_saw_text(run, "mac", text);
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

static const struct fact_def facts[] = {
	{"services_up", FACT_LIST, "", "declared services that accept"},
	{"services_down", FACT_LIST, "", "declared services that do not"},
	{"ssh_banner", FACT_TEXT, "", "what the SSH server says first"},
	{"mac", FACT_TEXT, "", "link-layer address that answers"},
	{0},
};

const struct probe probe_device_identity = {
	.id = "device.identity",
	.summary = "the device is there and is still the same",
	.source = "RFC 9293, RFC 4253",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 60,
	.facts = facts,
	.observe = observe,
};
