/*
 * scope_fuzz: no frame makes the scope check read beyond its bytes, and what
 * it lets through is from the tester and to the device.
 */
#define _GNU_SOURCE
#include "harness/gate/scope.h"

#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const uint16_t excluded[] = {9100};
	static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const struct address source_v6 = {ADDRESS_IPV6, {0xfd, [15] = 1}};
	static const struct address device_v6 = {ADDRESS_IPV6, {0xfd, [15] = 2}};
	struct link link = {
		.sources = {{"main", source_v6}},
		.source_count = 1,
		.devices = {{.address = {ADDRESS_IPV4, {10, 99, 0, 2}}}, {.address = device_v6}},
		.device_count = 2,
		.source = {ADDRESS_IPV4, {10, 99, 0, 1}},
		.device = {ADDRESS_IPV4, {10, 99, 0, 2}},
		.source_mac = {2, 0, 0, 0, 0, 1},
		.device_mac = {2, 0, 0, 0, 0, 2}};
	struct device_link profile = {.exclude_ports = excluded, .exclude_count = 1};
	struct scope scope = {&link, &profile};
	struct text why;

	(void)scope_check(&scope, bytes, size, &why);
	scope.reach = size % 2 == 0 ? SCOPE_IP : SCOPE_DEVICE;
	if (scope_check(&scope, bytes, size, &why) != 0) {
		return 0;
	}
	if (size < FRAME_MIN || size > FRAME_MAX || memcmp(bytes + 6, link.source_mac, 6) != 0 ||
	    (memcmp(bytes, link.device_mac, 6) != 0 && memcmp(bytes, everybody, 6) != 0)) {
		abort();
	}
	if (bytes[12] == 8 && bytes[13] == 0 && size >= 34 &&
	    memcmp(bytes + 30, link.device.bytes, 4) != 0) {
		abort();
	}
	if (bytes[12] == 0x86 && bytes[13] == 0xdd && size >= 54 &&
	    (memcmp(bytes + 38, device_v6.bytes, 16) != 0 ||
	     memcmp(bytes + 22, source_v6.bytes, 16) != 0)) {
		abort();
	}
	return 0;
}
