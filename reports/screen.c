/* screen: words into columns; text of the device made printable on the way. */
#include "reports/screen.h"

#include <string.h>

#include "harness/banned.h"

const char *screen_clean(struct screen *screen, const char *text)
{
	size_t size;

	if (text == NULL) {
		return "";
	}
	size = strlen(text);
	return text_printable(arena_alloc(screen->arena, 4 * size + 1), 4 * size + 1, text, size);
}

/* Columns of UTF-8 text, and bytes of its first columns. */
static int columns(const char *text, size_t size)
{
	int count = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	}
	return count;
}

static size_t bytes_of(const char *text, size_t size, int wanted)
{
	size_t used = 0;
	int count = 0;

	while (used < size) {
		if (((unsigned char)text[used] & 0xc0) != 0x80 && count++ == wanted) {
			break;
		}
		used++;
	}
	return used;
}

void screen_wrap(struct screen *screen, int at, int indent, const char *text)
{
	const char *word = screen_clean(screen, text);
	bool first = true;
	size_t size, part;
	int width;

	for (; *word != '\0'; word += size) {
		word += strspn(word, " ");
		size = strcspn(word, " ");
		width = columns(word, size);
		if (!first && at + 1 + width > screen->width) {
			fprintf(screen->out, "\n%*s", indent, "");
			at = indent;
		} else if (!first && size > 0) {
			fputc(' ', screen->out);
			at++;
		}
		while (at + width > screen->width) {
			part = bytes_of(word, size, screen->width - at);
			fprintf(screen->out, "%.*s\n%*s", (int)part, word, indent, "");
			word += part;
			size -= part;
			width = columns(word, size);
			at = indent;
		}
		fprintf(screen->out, "%.*s", (int)size, word);
		at += width;
		first = false;
	}
	fputc('\n', screen->out);
}

void screen_paragraph(struct screen *screen, int indent, const char *text)
{
	fprintf(screen->out, "%*s", indent, "");
	screen_wrap(screen, indent, indent, text);
}

const char *screen_paint(const struct screen *screen, enum verdict verdict)
{
	static const char *const codes[VERDICT_COUNT] = {
		[VERDICT_NOT_APPLICABLE] = "\033[2m", [VERDICT_PASS] = "\033[32m",
		[VERDICT_NOT_TESTED] = "\033[2m",     [VERDICT_INCONCLUSIVE] = "\033[33m",
		[VERDICT_ERROR] = "\033[35m",         [VERDICT_FAIL] = "\033[1;31m",
	};

	return screen->colour ? codes[verdict] : "";
}

const char *screen_plain(const struct screen *screen)
{
	return screen->colour ? "\033[0m" : "";
}

void screen_heading(struct screen *screen, const char *text)
{
	fprintf(screen->out, "\n%s%s%s\n", screen->colour ? "\033[1m" : "", text,
		screen_plain(screen));
}
