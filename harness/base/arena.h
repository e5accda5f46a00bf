/*
 * arena: memory that lives as long as its owner and is freed in one go. It
 * frees nothing piece by piece. Running out of memory ends the process with a
 * message: nothing sensible can be measured after that.
 */
#ifndef ASSAY_BASE_ARENA_H
#define ASSAY_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* Returns an empty arena; the caller releases it with arena_free(). */
struct arena *arena_new(void);
/* Frees the arena and everything allocated from it. NULL is fine. */
void arena_free(struct arena *arena);

/* Returns size zeroed bytes aligned for any type, owned by the arena. */
void *arena_alloc(struct arena *arena, size_t size);
/* Returns a copy of size bytes at from, owned by the arena. */
void *arena_copy(struct arena *arena, const void *from, size_t size);
/* Returns a copy of the text, owned by the arena; NULL for NULL. */
char *arena_strdup(struct arena *arena, const char *text);
/* Returns the formatted text, owned by the arena. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Makes room for one more element in a growing array: *array holds *count
 * elements of element_size bytes, both start as NULL and 0. Returns the new,
 * zeroed element and has moved *array and *count on. Older places of the array
 * stay readable but are stale; keep indexes, not pointers, while it grows.
 */
void *arena_push(struct arena *arena, void *array, size_t *count, size_t element_size);

#endif
