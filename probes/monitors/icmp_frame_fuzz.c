/* icmp_frame_fuzz: any bytes as a received frame. */
#include "probes/monitors/icmp_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct icmp_echo echo = {.id = 1, .sequence = 1};
	static const struct wire_facts facts = {.source = {ADDRESS_IPV4, {10, 0, 0, 1}},
						.device = {ADDRESS_IPV4, {10, 0, 0, 2}}};

	icmp_reply_matches(&echo, &facts, bytes, size);
	return 0;
}
