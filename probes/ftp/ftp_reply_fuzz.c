/* ftp_reply_fuzz: any bytes as a reply. */
#include "probes/ftp/ftp_reply.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct ftp_reply reply;
	long length = ftp_reply_read((const char *)bytes, size, &reply);

	if (length > 0 && ((size_t)length > size || reply.size > size)) {
		abort();
	}
	return 0;
}
