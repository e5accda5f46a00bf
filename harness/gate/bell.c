/* bell: one byte a ring over a stream socket pair. */
#define _GNU_SOURCE
#include "harness/gate/bell.h"

#include <errno.h>
#include <sys/socket.h>

#include "harness/banned.h"

int bell_new(int ret[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret) == 0 ? 0 : -errno;
}

void bell_ring(int end)
{
	(void)send(end, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int bell_hush(int end)
{
	char rung[256];
	ssize_t got;

	do {
		got = recv(end, rung, sizeof(rung), MSG_DONTWAIT);
	} while (got == (ssize_t)sizeof(rung) || (got < 0 && errno == EINTR));
	return got == 0 || (got < 0 && errno != EAGAIN) ? -1 : 0;
}
