/* module: web */
/* http_page: compares pages word by word. */
#include "probes/http/http_page.h"

#include <ctype.h>
#include <string.h>

#include "harness/banned.h"

enum { TOKEN_LEAST = 16 };

struct word {
	const char *at;
	size_t size;
	bool digit;
};

/* Takes the next run of letters and digits. */
static bool next_word(const char **at, const char *end, struct word *ret)
{
	while (*at < end && !isalnum((unsigned char)**at)) {
		(*at)++;
	}
	*ret = (struct word){.at = *at};
	while (*at < end && isalnum((unsigned char)**at)) {
		ret->digit = ret->digit || isdigit((unsigned char)**at);
		(*at)++;
	}
	ret->size = (size_t)(*at - ret->at);
	return ret->size > 0;
}

static bool changes(const struct word *word, const char *path)
{
	const char *end = path == NULL ? NULL : path + strlen(path);
	struct word part;

	if (word->digit || word->size >= TOKEN_LEAST) {
		return true;
	}
	while (path != NULL && next_word(&path, end, &part)) {
		if (part.size == word->size && memcmp(part.at, word->at, part.size) == 0) {
			return true;
		}
	}
	return false;
}

/* Takes the next word that stays the same from request to request. */
static bool next_lasting(const char **at, const char *end, const char *path, struct word *ret)
{
	while (next_word(at, end, ret)) {
		if (!changes(ret, path)) {
			return true;
		}
	}
	return false;
}

bool http_same_page(const char *a, size_t a_size, const char *b, size_t b_size, const char *path)
{
	const char *a_end = a + a_size, *b_end = b + b_size;
	struct word x, y;
	bool more_a, more_b;

	if (a_size == b_size && memcmp(a, b, a_size) == 0) {
		return true;
	}
	/* Two pages without a lasting word have nothing in common. */
	if (!next_lasting(&a, a_end, path, &x) || !next_lasting(&b, b_end, path, &y)) {
		return false;
	}
	a = x.at;
	b = y.at;
	do {
		more_a = next_lasting(&a, a_end, path, &x);
		more_b = next_lasting(&b, b_end, path, &y);
		if (more_a != more_b ||
		    (more_a && (x.size != y.size || memcmp(x.at, y.at, x.size) != 0))) {
			return false;
		}
	} while (more_a);
	return true;
}
