/*
 * ip_malformed: one malformed IPv4 frame, between two pings: whether the device
 * goes on as before. Each frame is an echo request with another number than the
 * pings have, so that an answer to it is told from theirs.
 */
#include "harness/frame/dissect.h"
#include "probes/probe.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

enum { ECHO_ID = 0x4d46, ECHO_REPLY = 0, TRIES = 3, TRY_MS = 500, SETTLE_MS = 500 };
enum { BEFORE = 1, MALFORMED = 2, AFTER = 3 }; /* numbers of the requests */

/* What is wrong. RFC 791, 3.1. */
static const struct malformation {
	const char *word;
	struct frame_value value;
} malformations[] = {
	{"version", {FIELD_IPV4_VERSION, 5}},
	{"header-length", {FIELD_IPV4_HEADER_WORDS, 4}},
	{"total-length", {FIELD_IPV4_LENGTH, 1400}},
	{"fragment-end", {FIELD_IPV4_OFFSET, 0x1fff}},
};

static const char *malformation_word(size_t i)
{
	return i < ARRAY_SIZE(malformations) ? malformations[i].word : NULL;
}

static const struct malformation *malformation_of(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(malformations); i++) {
		if (strcmp(malformations[i].word, word) == 0) {
			return &malformations[i];
		}
	}
	BUG("no malformation is called '%s'", word);
}

struct course {
	struct probe_run *run;
	struct probe_wire *pings, *raw;
	struct wire_facts facts;
};

static struct frame request(const struct course *c, unsigned number,
			    const struct malformation *wrong)
{
	static const uint8_t data[18];
	struct frame_recipe recipe = {
		.layers = {FRAME_ETHERNET, FRAME_IPV4, FRAME_ICMP},
		.values = {{FIELD_ICMP_ID, ECHO_ID}, {FIELD_ICMP_NUMBER, number}},
		.payload = data,
		.payload_size = sizeof(data),
	};
	struct frame_ends ends = {.from = c->facts.source, .to = c->facts.device};
	struct frame frame;
	struct text why;

	if (wrong != NULL) {
		recipe.values[2] = wrong->value;
	}
	memcpy(ends.from_mac, c->facts.source_mac, sizeof(ends.from_mac));
	memcpy(ends.to_mac, c->facts.device_mac, sizeof(ends.to_mac));
	if (frame_build(&recipe, &ends, &frame, &why) != 0) {
		BUG("%s", why.s);
	}
	return frame;
}

/* Waits for the reply of this number. */
static bool answered(const struct course *c, unsigned number, int64_t deadline_ns)
{
	const uint8_t *frame = NULL;
	struct dissected d;
	int64_t stamp_ns;
	long size;

	for (;;) {
		size = wire_receive(c->pings, &frame, &stamp_ns, deadline_ns);
		if (size <= 0) {
			return false;
		}
		if (dissect(frame, (size_t)size, &d) == 0 && d.transport == FRAME_ICMP &&
		    d.type == ECHO_REPLY && d.id == ECHO_ID && d.number == number) {
			return true;
		}
	}
}

static bool alive(const struct course *c, unsigned number)
{
	struct frame ping = request(c, number, NULL);
	int i;

	for (i = 0; i < TRIES; i++) {
		if (wire_send(c->pings, ping.bytes, ping.size) == 0 &&
		    answered(c, number, clock_ns() + TRY_MS * NS_PER_MS)) {
			return true;
		}
	}
	return false;
}

/* Sends the frame. Returns false where the gate did not let it out. */
static bool send_malformed(const struct course *c)
{
	struct frame frame =
		request(c, MALFORMED, malformation_of(probe_text(c->run, "malformation")));
	int64_t deadline_ns = clock_ns() + NS_PER_S;

	probe_keep(c->run, "frame.bin", frame.bytes, frame.size);
	if (wire_send(c->raw, frame.bytes, frame.size) != 0) {
		return false;
	}
	while (wire_sending(c->raw) && clock_ns() < deadline_ns) {
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	return wire_counts(c->raw).sent == 1;
}

static int open_wires(struct course *c)
{
	struct wire_target raw = {.kind = WIRE_DEVICE};
	struct wire_facts facts;
	int error = 0;

	c->pings = probe_wire(c->run, WIRE_ICMP, &c->facts, &error);
	c->raw = c->pings == NULL ? NULL : probe_wire_to(c->run, &raw, &facts, &error);
	if (c->raw == NULL) {
		return probe_give_up(c->run, WHY_NO_PRIVILEGE, "cannot open a raw door: %s",
				     strerror(-error));
	}
	if (c->facts.device.family != ADDRESS_IPV4) {
		return probe_give_up(c->run, WHY_NOT_DECLARED,
				     "the profile's 'link.address' is not IPv4");
	}
	return 0;
}

static int observe(struct probe_run *run)
{
	struct course c = {.run = run};

	if (open_wires(&c) != 0) {
		return -1;
	}
	if (!alive(&c, BEFORE)) {
		return probe_give_up(run, WHY_CONTROL_FAILED,
				     "the device answers no ping: nothing would tell it dead");
	}
	probe_saw_bool(run, "alive_before", true);
	if (!send_malformed(&c)) {
		return probe_give_up(run, WHY_TESTER_DROPPED, "the frame was not sent");
	}
	probe_saw_bool(run, "answered",
		       answered(&c, MALFORMED, clock_ns() + SETTLE_MS * NS_PER_MS));
	probe_saw_bool(run, "alive_after", alive(&c, AFTER));
	return 0;
}

static const struct param_def params[] = {
	{.name = "malformation",
	 .type = PARAM_TEXT,
	 .meaning = "which field of the IPv4 header is wrong",
	 .fallback = "version",
	 .one_of = malformation_word},
	{0},
};

static const struct fact_def facts[] = {
	{"alive_before", FACT_BOOL, "", "the device answered a ping just before"},
	{"answered", FACT_BOOL, "", "it answered the malformed request itself"},
	{"alive_after", FACT_BOOL, "", "it answered a ping half a second after"},
	{0},
};

const struct probe probe_ip_malformed = {
	.id = "ip.malformed",
	.summary = "sends one malformed IPv4 frame between two pings",
	.source = "RFC 791",
	.impact = IMPACT_STRESS,
	.needs = NEEDS_WIRE,
	.timeout_s = 15,
	.params = params,
	.facts = facts,
	.observe = observe,
};
