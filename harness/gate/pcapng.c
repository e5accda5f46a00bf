/* pcapng: blocks in the machine's own byte order, as the format wants. */
#define _GNU_SOURCE
#include "harness/gate/pcapng.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	BLOCK_SECTION = 0x0A0D0D0A,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_FRAME = 6,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_RESOLUTION = 9,
	INTERFACE_FILTER = 11,
	STATISTICS_RECEIVED = 4,
	STATISTICS_DROPPED = 5,
	NANOSECONDS = 9, /* ten to the power of minus nine */
};

static void flush(struct pcapng *file)
{
	size_t at = 0;
	ssize_t written;

	while (at < file->used && !file->failed) {
		written = write(file->fd, file->buffer + at, file->used - at);
		if (written > 0) {
			at += (size_t)written;
		} else if (errno != EINTR) {
			file->failed = true;
		}
	}
	file->used = 0;
}

static void put(struct pcapng *file, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;
	size_t part;

	file->size += size;
	while (size > 0) {
		part = sizeof(file->buffer) - file->used;
		part = part > size ? size : part;
		memcpy(file->buffer + file->used, from, part);
		file->used += part;
		from += part;
		size -= part;
		if (file->used == sizeof(file->buffer)) {
			flush(file);
		}
	}
}

static void put_u16(struct pcapng *file, uint16_t value)
{
	put(file, &value, sizeof(value));
}

static void put_u32(struct pcapng *file, uint32_t value)
{
	put(file, &value, sizeof(value));
}

static uint32_t padded(size_t size)
{
	return (uint32_t)((size + 3) & ~(size_t)3);
}

static void put_padded(struct pcapng *file, const void *bytes, size_t size)
{
	static const uint8_t zeros[3];

	put(file, bytes, size);
	put(file, zeros, padded(size) - size);
}

static void put_option(struct pcapng *file, uint16_t code, const void *bytes, size_t size)
{
	put_u16(file, code);
	put_u16(file, (uint16_t)size);
	put_padded(file, bytes, size);
}

/* Bytes of an option, its head included. */
static uint32_t option_size(size_t size)
{
	return 4 + padded(size);
}

static void put_section(struct pcapng *file, const char *comment)
{
	static const char application[] = "assay " ASSAY_VERSION;
	size_t told = strlen(comment), name = sizeof(application) - 1;
	uint32_t size = 28 + option_size(told) + option_size(name) + 4;
	int64_t unknown = -1;

	put_u32(file, BLOCK_SECTION);
	put_u32(file, size);
	put_u32(file, 0x1A2B3C4D);
	put_u16(file, 1); /* version 1.0 */
	put_u16(file, 0);
	put(file, &unknown, sizeof(unknown));
	put_option(file, OPTION_COMMENT, comment, told);
	put_option(file, SECTION_APPLICATION, application, name);
	put_option(file, OPTION_END, NULL, 0);
	put_u32(file, size);
}

static void put_interface(struct pcapng *file, const struct pcapng_interface *interface)
{
	size_t name = strlen(interface->name);
	size_t filter = strlen(interface->filter);
	uint8_t resolution = NANOSECONDS, kind = 0; /* a libpcap string */
	uint32_t size = 20 + option_size(name) + option_size(1) + option_size(filter + 1) + 4;

	put_u32(file, BLOCK_INTERFACE);
	put_u32(file, size);
	put_u16(file, interface->link_type);
	put_u16(file, 0);
	put_u32(file, interface->snaplen);
	put_option(file, INTERFACE_NAME, interface->name, name);
	put_option(file, INTERFACE_RESOLUTION, &resolution, 1);
	put_u16(file, INTERFACE_FILTER);
	put_u16(file, (uint16_t)(filter + 1));
	put(file, &kind, 1);
	put(file, interface->filter, filter);
	put(file, "\0\0\0", padded(filter + 1) - filter - 1);
	put_option(file, OPTION_END, NULL, 0);
	put_u32(file, size);
}

void pcapng_begin(struct pcapng *file, int fd, uint64_t limit, const char *comment,
		  const struct pcapng_interface *interface)
{
	memset(file, 0, offsetof(struct pcapng, buffer));
	file->fd = fd;
	file->limit = limit;
	put_section(file, comment);
	if (interface != NULL) {
		file->has_interface = true;
		put_interface(file, interface);
	}
}

void pcapng_frame(struct pcapng *file, int64_t stamp_ns, const void *bytes, uint32_t kept,
		  uint32_t size)
{
	uint32_t block = 32 + padded(kept);

	if (!file->has_interface || file->size + block > file->limit) {
		file->left_out++;
		return;
	}
	put_u32(file, BLOCK_FRAME);
	put_u32(file, block);
	put_u32(file, 0); /* the only interface */
	put_u32(file, (uint32_t)((uint64_t)stamp_ns >> 32));
	put_u32(file, (uint32_t)stamp_ns);
	put_u32(file, kept);
	put_u32(file, size);
	put_padded(file, bytes, kept);
	put_u32(file, block);
	file->frames++;
}

int pcapng_end(struct pcapng *file, uint64_t dropped)
{
	uint64_t received = file->frames + file->left_out + dropped;
	uint64_t lost = file->left_out + dropped;
	uint32_t size = 24 + 2 * option_size(8) + 4;

	if (file->has_interface) {
		put_u32(file, BLOCK_STATISTICS);
		put_u32(file, size);
		put_u32(file, 0); /* interface */
		put_u32(file, 0); /* no time */
		put_u32(file, 0);
		put_option(file, STATISTICS_RECEIVED, &received, 8);
		put_option(file, STATISTICS_DROPPED, &lost, 8);
		put_option(file, OPTION_END, NULL, 0);
		put_u32(file, size);
	}
	flush(file);
	if (close(file->fd) != 0) {
		file->failed = true;
	}
	return file->failed ? -1 : 0;
}
