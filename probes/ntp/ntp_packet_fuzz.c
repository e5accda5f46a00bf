/* ntp_packet_fuzz: any bytes as an answer to each question. */
#include "probes/ntp/ntp_packet.h"

#include "harness/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	enum ntp_question question;

	for (question = NTP_TIME; question <= NTP_PRIVATE; question++) {
		struct ntp_seen seen = {.version = 0};
		enum ntp_answer answer = ntp_answer_read(bytes, size, question, 0, &seen);

		if ((answer == NTP_DATA) != (seen.version != 0) || seen.version > 7 ||
		    seen.stratum > 255) {
			BUG("answer %d of version %u", (int)answer, seen.version);
		}
	}
	return 0;
}
