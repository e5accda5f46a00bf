/* protocol: the known words. Contract in protocol.h. */
#include "harness/model/protocol.h"

#include <stddef.h>
#include <string.h>

#include "harness/banned.h"

enum opening { CLEAR, TLS, UNKNOWN };

static const struct {
	const char *word, *name;
	enum opening opening;
} protocols[] = {
#define PROTOCOL(word, opening, name) {word, name, opening},
#include "harness/model/protocol.def"
#undef PROTOCOL
	{NULL, NULL, UNKNOWN}};

const char *const protocol_words[] = {
#define PROTOCOL(word, opening, name) word,
#include "harness/model/protocol.def"
#undef PROTOCOL
	NULL};

const char *protocol_name(const char *word)
{
	size_t i;

	for (i = 0; protocols[i].word != NULL; i++) {
		if (strcmp(protocols[i].word, word) == 0) {
			return protocols[i].name;
		}
	}
	return NULL;
}

bool protocol_begins_with_tls(const char *word)
{
	size_t i;

	for (i = 0; protocols[i].word != NULL; i++) {
		if (strcmp(protocols[i].word, word) == 0) {
			return protocols[i].opening == TLS;
		}
	}
	return false;
}
