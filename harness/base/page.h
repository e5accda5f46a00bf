/*
 * page: memory that one process writes and others read. It is sealed against
 * shrinking and growing; the writer's mapping is not inherited by fork(2), and
 * once it stands nobody can make another. A reader's mapping is inherited and
 * cannot be made writable.
 */
#ifndef ASSAY_BASE_PAGE_H
#define ASSAY_BASE_PAGE_H

#include <stddef.h>

struct page {
	int fd;      /* for the writer to be; -1: none */
	int read_fd; /* the same memory, opened for reading alone */
	size_t size;
};

/* Zeroed memory; both descriptors are CLOEXEC. Returns 0 or -errno. */
int page_new(struct page *page, const char *name, size_t size);
/* Closes the descriptors; mappings stay. */
void page_release(struct page *page);
/* In the process that is to write. Returns NULL with errno set where it cannot
 * be mapped, or where there has been a writer already. */
void *page_write(const struct page *page);
/* Returns NULL with errno set. */
const void *page_read(const struct page *page);

#endif
