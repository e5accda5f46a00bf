/* diag: asks the kernel for the state of one TCP socket (sock_diag(7)). */
#ifndef ASSAY_GATE_DIAG_H
#define ASSAY_GATE_DIAG_H

#include <stdint.h>
#include <sys/socket.h>

/* Returns a netlink descriptor or -errno. Needs no privilege. */
int diag_open(void);
/*
 * interface: the one the socket is bound to. Returns the socket's TCP state (netinet/tcp.h: TCP_ESTABLISHED, ...), 0 when
 * there is no such socket, or -errno when it cannot be known.
 */
int diag_state(int diag, unsigned interface, const struct sockaddr_storage *local,
	       const struct sockaddr_storage *remote, uint64_t cookie);

#endif
