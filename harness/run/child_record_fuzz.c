/* child_record_fuzz: whatever a child writes to its pipe is taken or refused with a
 * sentence; only declared facts come through. */
#include "harness/run/child_record.h"

#include <stdint.h>
#include <stdlib.h>

#include "harness/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct fact_def facts[] = {
	{"yes", FACT_BOOL, "", "a yes"},     {"number", FACT_INT, "s", "a number"},
	{"share", FACT_REAL, "", "a share"}, {"text", FACT_TEXT, "", "a text"},
	{"things", FACT_LIST, "", "a list"}, {.name = NULL},
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct profile profile = {.accounts = NULL};
	struct child_records records = {.arena = arena_new(), .defs = facts, .profile = &profile};
	struct secrets *secrets;
	struct text why = {.s = ""};
	long used;
	size_t i;

	records.secrets = secrets = secrets_new(&profile);
	records.store = evidence_store_new("/nonexistent", "fuzz", 1, secrets);
	used = child_records_take(&records, bytes, size, &why);
	if (used < 0 ? why.s[0] == '\0' : (size_t)used > size) {
		abort();
	}
	for (i = 0; i < records.facts.count; i++) {
		if (fact_def_find(facts, records.facts.at[i].name) == NULL) {
			abort();
		}
	}
	evidence_store_free(records.store);
	secrets_free(secrets);
	arena_free(records.arena);
	return 0;
}
