/* icmp_echo: whether the device answers a ping. */
#include "probes/monitors/icmp_frame.h"

#include "harness/banned.h"

enum { ECHO_ID = 0x4153 };

struct echo_state {
	struct probe_wire *wire;
	struct wire_facts facts;
	uint16_t sequence;
};

static int open_wire(struct probe_run *run, struct echo_state *echo)
{
	int error = 0;

	if (echo->wire == NULL) {
		echo->wire = probe_wire(run, WIRE_ICMP, &echo->facts, &error);
	}
	return echo->wire != NULL ? 0 : -1;
}

static int await(struct echo_state *echo, const struct icmp_echo *request, int64_t deadline_ns)
{
	const uint8_t *frame = NULL;
	int64_t stamp_ns;
	long size;

	for (;;) {
		size = wire_receive(echo->wire, &frame, &stamp_ns, deadline_ns);
		if (size <= 0) {
			return -1;
		}
		if (icmp_reply_matches(request, &echo->facts, frame, (size_t)size)) {
			return 0;
		}
	}
}

static int sample(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	int64_t start_ns = clock_ns();
	struct icmp_echo request;
	struct echo_state *echo;
	struct text why;

	if (*state == NULL) {
		*state = probe_alloc(run, sizeof(*echo));
	}
	echo = *state;
	if (open_wire(run, echo) != 0) {
		return -1;
	}
	if (icmp_echo_build(&request, &echo->facts, ECHO_ID, ++echo->sequence, &why) != 0) {
		BUG("%s", why.s);
	}
	if (wire_send(echo->wire, request.bytes, ICMP_ECHO_SIZE) != 0 ||
	    await(echo, &request, deadline_ns) != 0) {
		return -1;
	}
	*ret_value = (double)(clock_ns() - start_ns) / (double)NS_PER_MS;
	return 0;
}

const struct monitor monitor_icmp_echo = {
	.id = "icmp.echo",
	.summary = "pings the device",
	.source = "RFC 792",
	.meaning = "round-trip time",
	.unit = "ms",
	.sample = sample,
};
