/*
 * storm_bench INTERFACE DEVICE MAC SENDER FAMILY MS: one load through a real
 * gate, as many frames as can be sent; prints what was sent, as JSON. For
 * scripts/bench, which counts the frames where they arrive.
 */
#define _GNU_SOURCE
#include "harness/gate/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

enum { PORT = 80, MOST = 100000000, MOST_S = 60 };

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "storm_bench: %s: %s\n", what, why);
	return 1;
}

static int send_load(struct gate *gate, const struct storm_order *order)
{
	static const struct gate_pass pass = {
		.observation = "bench", .impact = IMPACT_STRESS, .needs = NEEDS_STORM};
	static struct storm_result result;
	struct gate_channel *channel;
	struct text why = {.s = ""};
	int fd = -1, error;

	if (gate_admit(gate, &pass, -1, &fd, &why) < 0) {
		return fail("the gate admits nobody", why.s);
	}
	channel = gate_channel_new(fd);
	error = gate_storm(channel, order, &result);
	gate_channel_free(channel);
	if (error != 0) {
		return fail("no load", strerror(-error));
	}
	printf("{\"sender\": \"%s\", \"sent\": %llu, \"interface_sent\": %llu, \"errors\": %llu, "
	       "\"seconds\": %.6f, \"cpu_share\": %.3f}\n",
	       result.sender, (unsigned long long)result.sent,
	       (unsigned long long)result.interface_sent, (unsigned long long)result.send_errors,
	       (double)(result.end_ns - result.start_ns) / 1e9, result.cpu_share);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct service services[] = {{.name = "tcp", .port = PORT},
						  {.name = "udp", .port = PORT, .udp = true}};
	struct profile profile = {.services = services, .service_count = 2};
	struct storm_order order = {.frames_per_s = MOST};
	struct gate_ability ability;
	struct text why = {.s = ""};
	struct address mac;
	struct gate *gate;
	int code = 0;

	if (argc != 7 || !address_parse(argv[2], &profile.link.address) ||
	    !address_parse(argv[3], &mac)) {
		return fail("usage", "storm_bench INTERFACE DEVICE MAC SENDER FAMILY MS");
	}
	profile.link.interface = argv[1];
	memcpy(profile.link.mac, mac.bytes, sizeof(profile.link.mac));
	profile.link.mac_given = true;
	profile.consent[IMPACT_OBSERVE] = profile.consent[IMPACT_STRESS] = true;
	profile.budget = (struct budget){.frames_per_s = 1000,
					 .connections = 1,
					 .half_open = 1,
					 .load_frames_per_s = MOST,
					 .load_s = MOST_S};
	order.sender = argv[4];
	order.parts[0] = (struct storm_part){argv[5], PORT};
	order.duration_ms = strtol(argv[6], NULL, 10);
	gate = gate_start(&profile, &ability, &code, &why);
	if (gate == NULL) {
		return fail("no gate", why.s);
	}
	gate_beat(gate, -1);
	code = send_load(gate, &order);
	gate_stop(gate);
	return code;
}
