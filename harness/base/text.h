/*
 * text: one sentence that says what went wrong, written by the function that
 * failed and printed once at the top. Wording: what is wrong first, lower
 * case, no full stop, subject in single quotes.
 */
#ifndef ASSAY_BASE_TEXT_H
#define ASSAY_BASE_TEXT_H

#include <stddef.h>

struct text {
	char s[1024];
};

/* Writes the sentence (cut at the buffer's end). Always returns -1, so that a
 * failing function can end with 'return text_error(why, ...)'. why may be NULL.
 */
int text_error(struct text *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the sentence already there. Always returns -1. */
int text_prefix(struct text *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The one way in which text of the device reaches a person: copies size bytes into out as UTF-8
 * that does nothing to who shows it. What Unicode calls a control, a format character (the
 * bidirectional overrides are among them), a line or paragraph separator, a surrogate, private
 * use, a noncharacter or ignorable becomes \u{202e}, below U+0080 \x1b; a byte that is not UTF-8
 * becomes \xNN; all else stays. out is always terminated and never more than four times as long
 * as the text; it is cut at capacity without splitting a character. Returns out.
 */
char *text_printable(char *out, size_t capacity, const void *bytes, size_t size);
/* The same for a file of lines: newlines and tabs stay. Returns the length of out. */
size_t text_printable_lines(char *out, size_t capacity, const void *bytes, size_t size);

/* A mistake of ours, never of the device: prints and aborts. */
#define BUG(...) text_bug(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void text_bug(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
