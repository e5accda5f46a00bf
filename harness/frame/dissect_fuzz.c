/* dissect_fuzz: any bytes as a received frame; what it read lies inside it. */
#include "harness/frame/dissect.h"

#include "harness/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct dissected d;

	if (dissect(bytes, size, &d) != 0) {
		return 0;
	}
	if (size < FRAME_MIN || d.to_mac != bytes || d.payload.end > bytes + size ||
	    d.payload.at > d.payload.end) {
		BUG("the frame was read beyond its end");
	}
	return 0;
}
