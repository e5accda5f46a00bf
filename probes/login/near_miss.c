/* near_miss: changes to a text of one byte a character; other characters stay. */
#include "probes/login/near_miss.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

const char *near_miss_word(enum near_miss kind)
{
	static const char *const words[] = {
		[NEAR_LONGER] = "longer",
		[NEAR_OTHER_CASE] = "other case",
		[NEAR_SHORTER] = "shorter",
	};

	return words[kind];
}

static void other_case(char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x80 && isalpha(c)) {
			*text = (char)(isupper(c) ? tolower(c) : toupper(c));
		}
	}
}

bool near_miss_of(enum near_miss kind, const char *password, char *out, size_t capacity)
{
	size_t size = strlen(password);

	if (size == 0 || size + sizeof("x") > capacity) {
		return false;
	}
	switch (kind) {
	case NEAR_LONGER:
		snprintf(out, capacity, "%sx", password);
		break;
	case NEAR_SHORTER:
		snprintf(out, capacity, "%.*s", (int)size - 1, password);
		break;
	case NEAR_OTHER_CASE:
		snprintf(out, capacity, "%s", password);
		other_case(out);
		break;
	case NEAR_COUNT:
		return false;
	}
	return out[0] != '\0' && strcmp(out, password) != 0;
}
