/* icmp_echo: whether the device answers a ping. */
#include "harness/frame/dissect.h"
#include "probes/probe.h"

#include <string.h>

#include "harness/banned.h"

enum { ECHO_ID = 0x4153, ECHO_REPLY = 0, ECHO_REPLY_V6 = 129, DATA_SIZE = 18 };

struct echo_state {
	struct probe_wire *wire;
	struct frame frame;
	struct address device, source;
	uint16_t number;
};

static void build(struct echo_state *echo, const struct wire_facts *facts)
{
	static const uint8_t data[DATA_SIZE];
	static const struct frame_recipe recipe = {
		.layers = {FRAME_ETHERNET, FRAME_IP, FRAME_ECHO},
		.values = {{FIELD_ICMP_ID, ECHO_ID}},
		.payload = data,
		.payload_size = sizeof(data),
	};
	struct frame_ends ends = {
		.from = facts->source,
		.to = facts->device,
	};
	struct text why;

	memcpy(ends.from_mac, facts->source_mac, sizeof(ends.from_mac));
	memcpy(ends.to_mac, facts->device_mac, sizeof(ends.to_mac));
	if (frame_build(&recipe, &ends, &echo->frame, &why) != 0) {
		BUG("%s", why.s);
	}
	echo->source = ends.from;
	echo->device = ends.to;
}

static int open_wire(struct probe_run *run, struct echo_state *echo)
{
	const struct address *device =
		profile_address(probe_profile(run), probe_text(run, "family"));
	struct wire_target target = {.kind = WIRE_ICMP};
	struct wire_facts facts;
	int error = 0;

	if (device == NULL) {
		return -1;
	}
	target.device = *device;

	if (echo->wire == NULL) {
		echo->wire = probe_wire_to(run, &target, &facts, &error);
		if (echo->wire == NULL) {
			return -1;
		}
		build(echo, &facts);
	}
	return 0;
}

/* True if this received frame is the device's reply to the last request. */
static bool is_reply(const struct echo_state *echo, const uint8_t *frame, size_t size)
{
	struct dissected d;

	if (dissect(frame, size, &d) != 0 || !address_equal(&d.from, &echo->device) ||
	    !address_equal(&d.to, &echo->source)) {
		return false;
	}
	return (d.transport == FRAME_ICMP || d.transport == FRAME_ICMPV6) &&
	       d.type == (d.transport == FRAME_ICMP ? ECHO_REPLY : ECHO_REPLY_V6) &&
	       d.id == ECHO_ID && d.number == echo->number;
}

static int await(struct echo_state *echo, int64_t deadline_ns)
{
	const uint8_t *frame = NULL;
	int64_t stamp_ns;
	long size;

	for (;;) {
		size = wire_receive(echo->wire, &frame, &stamp_ns, deadline_ns);
		if (size <= 0) {
			return -1;
		}
		if (is_reply(echo, frame, (size_t)size)) {
			return 0;
		}
	}
}

static int sample(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	int64_t start_ns = clock_ns();
	struct echo_state *echo;

	if (*state == NULL) {
		*state = probe_alloc(run, sizeof(*echo));
	}
	echo = *state;
	if (open_wire(run, echo) != 0) {
		return -1;
	}
	frame_set(&echo->frame, FIELD_ICMP_NUMBER, ++echo->number);
	if (wire_send(echo->wire, echo->frame.bytes, echo->frame.size) != 0 ||
	    await(echo, deadline_ns) != 0) {
		return -1;
	}
	*ret_value = (double)(clock_ns() - start_ns) / (double)NS_PER_MS;
	return 0;
}

static const struct param_def params[] = {
	{.name = "family",
	 .type = PARAM_TEXT,
	 .meaning = "which address of the device is pinged",
	 .fallback = "first",
	 .one_of = profile_family_word},
	{0},
};

const struct monitor monitor_icmp_echo = {
	.id = "icmp.echo",
	.summary = "pings the device",
	.source = "RFC 792, RFC 4443",
	.params = params,
	.meaning = "round-trip time",
	.unit = "ms",
	.sample = sample,
};
