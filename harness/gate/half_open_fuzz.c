/* half_open_fuzz: frames of the device and of a child, whatever they hold,
 * never bring a count below zero or beyond the budget. */
#define _GNU_SOURCE
#include "harness/gate/half_open.h"

#include <stdlib.h>

#include "harness/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct half_open half_open;
	size_t at = 0, length, i;

	half_open_init(&half_open, 2);
	while (at + 2 <= size) {
		length = bytes[at] < size - at - 2 ? bytes[at] : size - at - 2;
		if ((bytes[at + 1] & 1) != 0) {
			half_open_answer(&half_open, bytes + at + 2, length);
		} else {
			(void)half_open_frame(&half_open, bytes + at + 2, length);
		}
		at += 2 + length;
	}
	if (half_open.known.waiting < 0 || half_open.known.waiting > 2) {
		abort();
	}
	for (i = 0; i < 65536; i++) {
		if (half_open.ports[i].waiting < 0 || half_open.ports[i].waiting > 2) {
			abort();
		}
	}
	half_open_release(&half_open);
	return 0;
}
