/* bytes: bounds-checked reading and writing. */
#include "harness/base/bytes.h"
#include "harness/base/text.h"

#include <string.h>

#include "harness/banned.h"

struct reader reader_of(const void *bytes, size_t size)
{
	static const uint8_t nothing[1];
	struct reader r = {.failed = false};

	r.at = bytes != NULL ? bytes : nothing;
	r.end = r.at + (bytes != NULL ? size : 0);
	return r;
}

const uint8_t *reader_bytes(struct reader *r, size_t size)
{
	const uint8_t *at = r->at;

	if (r->failed || size > (size_t)(r->end - r->at)) {
		r->failed = true;
		r->at = r->end;
		return NULL;
	}
	r->at += size;
	return at;
}

static uint64_t big_endian(struct reader *r, unsigned width)
{
	const uint8_t *at = reader_bytes(r, width);
	uint64_t value = 0;
	unsigned i;

	for (i = 0; at != NULL && i < width; i++) {
		value = value << 8 | at[i];
	}
	return value;
}

uint8_t reader_u8(struct reader *r)
{
	return (uint8_t)big_endian(r, 1);
}

uint16_t reader_be16(struct reader *r)
{
	return (uint16_t)big_endian(r, 2);
}

uint32_t reader_be24(struct reader *r)
{
	return (uint32_t)big_endian(r, 3);
}

uint32_t reader_be32(struct reader *r)
{
	return (uint32_t)big_endian(r, 4);
}

uint64_t reader_be64(struct reader *r)
{
	return big_endian(r, 8);
}

uint16_t reader_le16(struct reader *r)
{
	uint16_t value = reader_be16(r);

	return (uint16_t)(value >> 8 | value << 8);
}

uint32_t reader_le32(struct reader *r)
{
	uint32_t low = reader_le16(r);
	uint32_t high = reader_le16(r);

	return high << 16 | low;
}

struct reader reader_sub(struct reader *r, size_t size)
{
	const uint8_t *at = reader_bytes(r, size);
	struct reader sub = reader_of(at, size);

	sub.failed = at == NULL;
	return sub;
}

void reader_skip(struct reader *r, size_t size)
{
	(void)reader_bytes(r, size);
}

size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

bool reader_ok(const struct reader *r)
{
	return !r->failed;
}

struct writer writer_of(void *storage, size_t capacity)
{
	struct writer w = {.bytes = storage, .capacity = capacity};

	return w;
}

static uint8_t *writer_room(struct writer *w, size_t size)
{
	uint8_t *at = w->bytes + w->size;

	if (w->failed || size > w->capacity - w->size) {
		w->failed = true;
		return NULL;
	}
	w->size += size;
	return at;
}

static void put_big_endian(uint8_t *at, uint64_t value, unsigned width)
{
	while (width > 0) {
		at[--width] = (uint8_t)value;
		value >>= 8;
	}
}

static void writer_big_endian(struct writer *w, uint64_t value, unsigned width)
{
	uint8_t *at = writer_room(w, width);

	if (at != NULL) {
		put_big_endian(at, value, width);
	}
}

void writer_u8(struct writer *w, uint8_t value)
{
	writer_big_endian(w, value, 1);
}

void writer_be16(struct writer *w, uint16_t value)
{
	writer_big_endian(w, value, 2);
}

void writer_be24(struct writer *w, uint32_t value)
{
	writer_big_endian(w, value, 3);
}

void writer_be32(struct writer *w, uint32_t value)
{
	writer_big_endian(w, value, 4);
}

void writer_bytes(struct writer *w, const void *bytes, size_t size)
{
	uint8_t *at = writer_room(w, size);

	if (at != NULL && size > 0) {
		memcpy(at, bytes, size);
	}
}

size_t writer_begin(struct writer *w, unsigned width)
{
	size_t mark = w->size;

	writer_big_endian(w, 0, width);
	return mark;
}

void writer_end(struct writer *w, size_t mark, unsigned width)
{
	uint64_t length;

	if (w->failed) {
		return;
	}
	if (mark + width > w->size) {
		BUG("writer_end without its writer_begin");
	}
	length = w->size - mark - width;
	if (width < 8 && length >> (8 * width) != 0) {
		w->failed = true;
		return;
	}
	put_big_endian(w->bytes + mark, length, width);
}

bool writer_ok(const struct writer *w)
{
	return !w->failed;
}
