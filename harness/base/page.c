/* page: a memfd, mapped with the rights a process is meant to have. */
#define _GNU_SOURCE
#include "harness/base/page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/banned.h"

/* Linux 5.1; the C library's headers know it only with newer kernels' */
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

int page_new(struct page *page, const char *name, size_t size)
{
	char path[64];
	int error;

	*page = (struct page){.fd = -1, .read_fd = -1, .size = size};
	page->fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (page->fd >= 0 && ftruncate(page->fd, (off_t)size) == 0 &&
	    fcntl(page->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", page->fd);
		page->read_fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (page->read_fd >= 0) {
		return 0;
	}
	error = -errno;
	page_release(page);
	return error;
}

void page_release(struct page *page)
{
	if (page->fd >= 0) {
		close(page->fd);
	}
	if (page->read_fd >= 0) {
		close(page->read_fd);
	}
	page->fd = page->read_fd = -1;
}

void *page_write(const struct page *page)
{
	void *memory = mmap(NULL, page->size, PROT_READ | PROT_WRITE, MAP_SHARED, page->fd, 0);

	if (memory == MAP_FAILED) {
		return NULL;
	}
	if (madvise(memory, page->size, MADV_DONTFORK) != 0 ||
	    (fcntl(page->fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) != 0 &&
	     errno != EINVAL)) {
		munmap(memory, page->size);
		return NULL;
	}
	return memory;
}

const void *page_read(const struct page *page)
{
	void *memory = mmap(NULL, page->size, PROT_READ, MAP_SHARED, page->read_fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}
