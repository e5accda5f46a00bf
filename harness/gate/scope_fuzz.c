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
	struct link link = {.source = {ADDRESS_IPV4, {10, 99, 0, 1}},
			    .device = {ADDRESS_IPV4, {10, 99, 0, 2}},
			    .source_mac = {2, 0, 0, 0, 0, 1},
			    .device_mac = {2, 0, 0, 0, 0, 2}};
	struct device_link profile = {.exclude_ports = excluded, .exclude_count = 1};
	struct scope scope = {&link, &profile};
	struct text why;

	if (scope_check(&scope, bytes, size, &why) != 0) {
		return 0;
	}
	if (size < FRAME_MIN || size > FRAME_MAX || memcmp(bytes + 6, link.source_mac, 6) != 0 ||
	    (memcmp(bytes, link.device_mac, 6) != 0 && memcmp(bytes, everybody, 6) != 0)) {
		abort();
	}
	if (bytes[12] == 8 && bytes[13] == 0 && memcmp(bytes + 30, link.device.bytes, 4) != 0) {
		abort();
	}
	return 0;
}
