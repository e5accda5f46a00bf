/* syslog_line_fuzz: any bytes as a stream and as a line. */
#include "probes/syslog/syslog_line.h"

#include "harness/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct syslog_line line;
	const char *at = NULL;
	size_t length = 0, taken = syslog_frame_read(bytes, size, &at, &length);

	if (taken > size || (taken > 0 && ((const uint8_t *)at < bytes ||
					   (const uint8_t *)at + length > bytes + taken))) {
		BUG("a line outside of its frame");
	}
	if (syslog_line_read(bytes, size, &line) == 0 &&
	    (line.facility > 23 || line.severity > 7 || line.size > size)) {
		BUG("a line that cannot be");
	}
	return 0;
}
