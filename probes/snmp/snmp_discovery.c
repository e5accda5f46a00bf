/* snmp_discovery: what an SNMPv3 engine says of itself to whoever asks. */
#include "harness/base/mark.h"
#include "probes/probe.h"
#include "probes/snmp/snmp_message.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

enum { TRIES = 3, TRY_MS = 1000, REPLY_MAX = 2048 };

struct exchange {
	struct probe_run *run;
	int fd;
	uint32_t message_id;
	uint8_t request[128];
	size_t request_size;
	struct snmp_engine engine;
	bool garbage; /* something came that is no report */
};

/* Waits for the report. Returns 1 when it came, 0 at the deadline, -1 with the
 * run given up. */
static int await(struct exchange *x, int64_t deadline_ns)
{
	uint8_t bytes[REPLY_MAX];
	long size;
	int what;

	for (;;) {
		size = probe_read(x->run, x->fd, bytes, sizeof(bytes), deadline_ns);
		if (size == 0) {
			return probe_give_up(x->run, WHY_CONNECT_FAILED,
					     "the device says that the port is closed");
		}
		if (size < 0) {
			return 0;
		}
		what = snmp_report_read(bytes, (size_t)size, x->message_id, &x->engine);
		if (what == 0) {
			probe_keep(x->run, "report.bin", bytes, (size_t)size);
			return 1;
		}
		x->garbage = x->garbage || what < 0;
	}
}

/* A datagram may be lost. Returns 0 when the device has answered. */
static int ask(struct exchange *x)
{
	int i, came;

	for (i = 0; i < TRIES; i++) {
		int64_t deadline_ns = clock_ns() + TRY_MS * NS_PER_MS;

		if (probe_write(x->run, x->fd, x->request, x->request_size, deadline_ns) != 0) {
			return probe_give_up(x->run, WHY_CONNECT_FAILED,
					     "the device says that the port is closed");
		}
		came = await(x, deadline_ns);
		if (came != 0) {
			return came > 0 ? 0 : -1;
		}
	}
	if (x->garbage) {
		return probe_give_up(x->run, WHY_GARBAGE, "what came back is no report of SNMPv3");
	}
	return probe_give_up(x->run, WHY_NO_ANSWER, "no report came to %d discoveries", TRIES);
}

static void saw(struct probe_run *run, const struct snmp_engine *engine)
{
	char text[2 * SNMP_ENGINE_ID_MAX + 1] = "";
	size_t i;

	for (i = 0; i < engine->id_size; i++) {
		snprintf(text + 2 * i, 3, "%02x", engine->id[i]);
	}
	probe_saw_bool(run, "version3", true);
	probe_saw_text(run, "engine_id", text);
	probe_saw_int(run, "engine_boots", engine->boots);
	probe_saw_int(run, "engine_time", engine->time_s);
}

static int observe(struct probe_run *run)
{
	const struct service *service = probe_service(run, "service");
	struct dial_order order = {.port = service->port};
	struct exchange x = {.run = run};
	struct writer w = writer_of(x.request, sizeof(x.request));
	int result;

	if (!service->udp) {
		return probe_give_up(run, WHY_NOT_DECLARED, "'%s' is not declared as UDP",
				     service->name);
	}
	mark_fill(&x.message_id, sizeof(x.message_id));
	x.message_id &= 0x7fffffff;
	snmp_discovery_write(&w, x.message_id);
	if (!writer_ok(&w)) {
		BUG("the discovery does not fit");
	}
	x.request_size = w.size;
	x.fd = probe_datagrams(run, &order);
	if (x.fd < 0) {
		return probe_dial_failed(run, service, x.fd);
	}
	result = ask(&x);
	close(x.fd);
	if (result == 0) {
		saw(run, &x.engine);
	}
	return result;
}

static const struct param_def params[] = {
	{.name = "service", .type = PARAM_SERVICE, .meaning = "SNMP service"},
	{0},
};

static const struct fact_def facts[] = {
	{"version3", FACT_BOOL, "", "it answered a discovery of SNMPv3"},
	{"engine_id", FACT_TEXT, "", "its engine id, in hexadecimal digits"},
	{"engine_boots", FACT_INT, "", "how often the engine has started"},
	{"engine_time", FACT_INT, "s", "how long ago it started"},
	{0},
};

const struct probe probe_snmp_discovery = {
	.id = "snmp.discovery",
	.summary = "finds the SNMPv3 engine, its starts and its clock",
	.source = "RFC 3414, section 4",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 15,
	.params = params,
	.facts = facts,
	.observe = observe,
};
