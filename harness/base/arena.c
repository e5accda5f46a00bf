/* arena: blocks of growing size, freed together. */
#include "harness/base/arena.h"
#include "harness/base/text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

#define ALIGNMENT   _Alignof(max_align_t)
#define FIRST_BLOCK 4096u
#define MAX_BLOCK   (1u << 20)

struct block {
	struct block *next;
	size_t used, size;
	max_align_t bytes[];
};

struct arena {
	struct block *blocks; /* newest first */
	size_t next_size;
};

static void *or_die(void *memory)
{
	if (memory == NULL) {
		fputs("assay: out of memory\n", stderr);
		abort();
	}
	return memory;
}

struct arena *arena_new(void)
{
	struct arena *arena = or_die(calloc(1, sizeof(*arena)));

	arena->next_size = FIRST_BLOCK;
	return arena;
}

void arena_free(struct arena *arena)
{
	struct block *block, *next;

	if (arena == NULL) {
		return;
	}
	for (block = arena->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

static struct block *block_for(struct arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	size_t room;

	if (block != NULL && block->size - block->used >= size) {
		return block;
	}
	room = size > arena->next_size ? size : arena->next_size;
	block = or_die(calloc(1, sizeof(*block) + room));
	block->size = room;
	block->next = arena->blocks;
	arena->blocks = block;
	if (arena->next_size < MAX_BLOCK) {
		arena->next_size *= 2;
	}
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block;
	void *memory;

	if (size > PTRDIFF_MAX / 2) {
		BUG("arena_alloc of %zu bytes", size);
	}
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	block = block_for(arena, size);
	memory = (char *)block->bytes + block->used;
	block->used += size;
	return memory;
}

void *arena_copy(struct arena *arena, const void *from, size_t size)
{
	void *memory = arena_alloc(arena, size > 0 ? size : 1);

	if (size > 0) {
		memcpy(memory, from, size);
	}
	return memory;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_copy(arena, text, strlen(text) + 1);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments, again;
	char *text;
	int size;

	va_start(arguments, format);
	va_copy(again, arguments);
	size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size < 0) {
		BUG("format '%s' cannot be printed", format);
	}
	text = arena_alloc(arena, (size_t)size + 1);
	vsnprintf(text, (size_t)size + 1, format, again);
	va_end(again);
	return text;
}

void *arena_push(struct arena *arena, void *array, size_t *count, size_t element_size)
{
	void **slot = array;
	size_t n = *count;

	/* full at 0, 4, 8, 16, ...: the capacity is implied by the count */
	if (n == 0 || (n >= 4 && (n & (n - 1)) == 0)) {
		size_t capacity = n == 0 ? 4 : 2 * n;
		void *bigger = arena_alloc(arena, capacity * element_size);

		if (n > 0) {
			memcpy(bigger, *slot, n * element_size);
		}
		*slot = bigger;
	}
	*count = n + 1;
	return (char *)*slot + n * element_size;
}
