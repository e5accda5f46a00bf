/* journal_text_fuzz: whatever a journal file holds, reading it ends with a whole
 * chain or a sentence. */
#include "harness/model/journal_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct journal_text journal;
	struct text why = {.s = ""};

	if (journal_parse((const char *)bytes, size, &journal, &why) == 0) {
		if (journal.torn_bytes > size || strlen(journal.head) != 64) {
			abort();
		}
		journal_text_release(&journal);
	} else if (why.s[0] == '\0') {
		abort();
	}
	return 0;
}
