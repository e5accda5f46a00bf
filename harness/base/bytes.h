/*
 * bytes: a reader and a writer for wire formats that check every bound inside.
 * All code that looks at the device's bytes goes through the reader. Errors
 * are sticky: read on, check reader_ok() once at the end.
 */
#ifndef ASSAY_BASE_BYTES_H
#define ASSAY_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *at;  /* next byte; borrowed from the caller */
	const uint8_t *end; /* one past the last byte */
	bool failed;        /* something was read beyond the end */
};

struct reader reader_of(const void *bytes, size_t size);
/* Each returns 0 (or NULL, or an empty reader) and sets failed when the bytes
 * are not there; after that every further read fails too. */
uint8_t reader_u8(struct reader *r);
uint16_t reader_be16(struct reader *r);
uint32_t reader_be24(struct reader *r);
uint32_t reader_be32(struct reader *r);
uint64_t reader_be64(struct reader *r);
uint16_t reader_le16(struct reader *r);
uint32_t reader_le32(struct reader *r);
/* Returns a pointer to size bytes inside the reader's buffer. */
const uint8_t *reader_bytes(struct reader *r, size_t size);
/* Returns a reader over the next size bytes and steps over them. */
struct reader reader_sub(struct reader *r, size_t size);
void reader_skip(struct reader *r, size_t size);
size_t reader_left(const struct reader *r);
/* True if nothing was read beyond the end. */
bool reader_ok(const struct reader *r);

struct writer {
	uint8_t *bytes; /* caller's storage */
	size_t size;    /* written so far */
	size_t capacity;
	bool failed; /* something did not fit */
};

struct writer writer_of(void *storage, size_t capacity);
void writer_u8(struct writer *w, uint8_t value);
void writer_be16(struct writer *w, uint16_t value);
void writer_be24(struct writer *w, uint32_t value);
void writer_be32(struct writer *w, uint32_t value);
void writer_bytes(struct writer *w, const void *bytes, size_t size);
/* Length-prefixed blocks: begin leaves room for width (1 to 4) length bytes and
 * returns a mark; end writes the big-endian length of what came since. */
size_t writer_begin(struct writer *w, unsigned width);
void writer_end(struct writer *w, size_t mark, unsigned width);
/* True if everything fitted. */
bool writer_ok(const struct writer *w);

#endif
