/* neighbour_fuzz: any bytes as a frame about the device's addresses. */
#include "harness/gate/neighbour.h"

#include "harness/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct link link = {
		.devices = {{.address = {ADDRESS_IPV4, {10, 99, 0, 2}}},
			    {.address = {ADDRESS_IPV6, {0xfd, 0, 0, 0x99, [15] = 2}}}},
		.device_count = 2};
	uint8_t mac[6];
	int which = neighbour_read(&link, bytes, size, mac);

	if (which < -1 || which > 1) {
		BUG("address number %d", which);
	}
	return 0;
}
