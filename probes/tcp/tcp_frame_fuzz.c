/* tcp_frame_fuzz: any bytes as a received frame. */
#include "probes/tcp/tcp_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct tcp_syn syn = {
		.secret = 7,
		.source_port = 40000,
		.source = {ADDRESS_IPV4, {10, 0, 0, 1}},
		.device = {ADDRESS_IPV4, {10, 0, 0, 2}},
	};
	uint16_t port = 0;

	tcp_answer_read(&syn, bytes, size, &port);
	return 0;
}
