/* mark: random bytes that need not be secret. Contract in mark.h. */
#include "harness/base/mark.h"
#include "harness/base/clock.h"

#include <sys/random.h>

#include "harness/banned.h"

void mark_fill(void *bytes, size_t size)
{
	const int64_t now = clock_ns();
	unsigned char *out = bytes;
	size_t i;

	if (getrandom(bytes, size, GRND_NONBLOCK) == (ssize_t)size) {
		return;
	}
	for (i = 0; i < size; i++) {
		out[i] = ((const unsigned char *)&now)[i % sizeof(now)];
	}
}
