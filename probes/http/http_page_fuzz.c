/* http_page_fuzz: any bytes as two pages. */
#include "probes/http/http_page.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *page = (const char *)bytes;
	size_t half = size / 2;

	http_same_page(page, half, page + half, size - half, "/config/1");
	return 0;
}
