/* telnet_stream_fuzz: any bytes from a server. */
#include "probes/telnet/telnet_stream.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct telnet_stream stream = {0};

	telnet_take(&stream, bytes, size);
	if (stream.text_size > sizeof(stream.text) || stream.reply_size > sizeof(stream.reply)) {
		abort();
	}
	telnet_asks_login(&stream);
	telnet_shows_prompt(&stream);
	telnet_is_noise(&stream);
	return 0;
}
