/*
 * sender_xdp: an AF_XDP socket in copy mode, through libxdp: sends only, on
 * queue 0, and loads no BPF program, so that CAP_NET_RAW is all it takes. The
 * kernel reads the frames where they were written and says when it is done.
 */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/gate/later.h"
#include "harness/gate/sender.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/xsk.h>

#include "harness/banned.h"

enum {
	CHUNK = 2048, /* the kernel's least */
	CHUNKS = 512, /* 1 MiB: a user may lock 8 MiB, by Debian's default */
	RING = CHUNKS,
	/* An interface's queue is free only some time after its last socket was
	 * closed, and the memory of each try too: a few are tried. */
	TRIES = 5,
	BUSY_MS = 25,
};

struct xdp {
	void *area;
	struct xsk_umem *umem;
	struct xsk_socket *socket;
	struct xsk_ring_prod fill, send;
	struct xsk_ring_cons done;
	int fd;
	uint64_t free[CHUNKS]; /* addresses of chunks nobody uses */
	unsigned free_count;
	unsigned queued; /* in the ring, not yet taken by the kernel */
};

static void release(struct xdp *xdp)
{
	if (xdp->socket != NULL) {
		xsk_socket__delete(xdp->socket);
	}
	if (xdp->umem != NULL) {
		xsk_umem__delete(xdp->umem);
	}
	if (xdp->area != MAP_FAILED) {
		munmap(xdp->area, (size_t)CHUNK * CHUNKS);
	}
	free(xdp);
}

static int make_area(struct xdp *xdp)
{
	const struct xsk_umem_config config = {
		.fill_size = RING, .comp_size = RING, .frame_size = CHUNK};
	unsigned i;

	xdp->area = mmap(NULL, (size_t)CHUNK * CHUNKS, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (xdp->area == MAP_FAILED) {
		return -errno;
	}
	for (i = 0; i < CHUNKS; i++) {
		xdp->free[xdp->free_count++] = (uint64_t)i * CHUNK;
	}
	return xsk_umem__create(&xdp->umem, xdp->area, (uint64_t)CHUNK * CHUNKS, &xdp->fill,
				&xdp->done, &config);
}

static int make_socket(struct xdp *xdp, const struct link *link)
{
	const struct xsk_socket_config config = {.tx_size = RING,
						 .libxdp_flags =
							 XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
						 .bind_flags = XDP_COPY | XDP_USE_NEED_WAKEUP};
	int error = xsk_socket__create(&xdp->socket, link->interface, 0, xdp->umem, NULL,
				       &xdp->send, &config);

	if (error == 0) {
		xdp->fd = xsk_socket__fd(xdp->socket);
	} else {
		xdp->socket = NULL;
	}
	return error;
}

static int open_once(const struct link *link, void **ret)
{
	struct xdp *xdp = calloc(1, sizeof(*xdp));
	int error;

	if (xdp == NULL) {
		BUG("out of memory");
	}
	error = make_area(xdp);
	if (error == 0) {
		error = make_socket(xdp, link);
	}
	if (error != 0) {
		release(xdp);
		return error;
	}
	*ret = xdp;
	return 0;
}

static int open_xdp(const struct link *link, void **ret)
{
	int error = open_once(link, ret), tries;

	for (tries = 1; error == -EBUSY && tries < TRIES; tries++) {
		clock_sleep_until(clock_ns() + BUSY_MS * NS_PER_MS);
		error = open_once(link, ret);
	}
	return error;
}

/* Takes back the chunks the kernel is done with. */
static void take_back(struct xdp *xdp)
{
	uint32_t at = 0, count = xsk_ring_cons__peek(&xdp->done, RING, &at), i;

	for (i = 0; i < count; i++) {
		uint64_t address = *xsk_ring_cons__comp_addr(&xdp->done, at + i);

		xdp->free[xdp->free_count++] = address - address % CHUNK;
	}
	xsk_ring_cons__release(&xdp->done, count);
}

static unsigned places_xdp(void *state, uint8_t **ret, unsigned count)
{
	struct xdp *xdp = state;
	unsigned i;

	take_back(xdp);
	count = count < xdp->free_count ? count : xdp->free_count;
	for (i = 0; i < count; i++) {
		ret[i] = xsk_umem__get_data(xdp->area, xdp->free[xdp->free_count - 1 - i]);
	}
	return count;
}

static void queue_xdp(void *state, const size_t *sizes, unsigned count)
{
	struct xdp *xdp = state;
	uint32_t at = 0, i;

	/* there are as many places in the ring as chunks */
	if (xsk_ring_prod__reserve(&xdp->send, count, &at) != count) {
		BUG("the ring has no room for %u frames", count);
	}
	for (i = 0; i < count; i++) {
		*xsk_ring_prod__tx_desc(&xdp->send, at + i) = (struct xdp_desc){
			.addr = xdp->free[--xdp->free_count], .len = (uint32_t)sizes[i]};
	}
	xsk_ring_prod__submit(&xdp->send, count);
	xdp->queued += count;
}

/* What the kernel has taken out of the ring since the last look. */
static int taken(struct xdp *xdp)
{
	unsigned left = RING - xsk_prod_nb_free(&xdp->send, RING);
	unsigned count = xdp->queued - left;

	xdp->queued = left;
	return (int)count;
}

static int push_xdp(void *state)
{
	struct xdp *xdp = state;
	int count;

	/* What it says does not tell what it took: the ring does. After any error
	 * the frames are still in the ring. */
	(void)sendto(xdp->fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
	take_back(xdp);
	count = taken(xdp);
	return count > 0 ? count : -EAGAIN;
}

static void *release_later(void *argument)
{
	release(argument);
	return NULL;
}

static void close_xdp(void *state)
{
	later(release_later, state);
}

const struct sender_ops sender_xdp = {
	.name = "af-xdp",
	.open = open_xdp,
	.places = places_xdp,
	.queue = queue_xdp,
	.push = push_xdp,
	.close = close_xdp,
};
