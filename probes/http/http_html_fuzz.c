/* http_html_fuzz: any bytes as a page. */
#include "probes/http/http_html.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const charsets[] = {NULL, "utf-8", "utf-16le", "iso-8859-1", "nonsense"};
	struct arena *arena = arena_new();
	struct html html;

	if (size > 0) {
		html_read(&html, arena, bytes + 1, size - 1, charsets[bytes[0] % 5]);
		html_says(html.text, "log in");
	}
	arena_free(arena);
	return 0;
}
