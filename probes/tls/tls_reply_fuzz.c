/* tls_reply_fuzz: any bytes as a server's answer to a ClientHello. */
#include "probes/tls/tls_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	(void)tls_reply_read(bytes, size, false);
	(void)tls_reply_read(bytes, size, true);
	return 0;
}
