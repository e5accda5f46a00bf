/* hold: sockets that hear nothing, and a thread that watches. */
#define _GNU_SOURCE
#include "harness/gate/hold.h"
#include "harness/base/clock.h"
#include "harness/frame/dissect.h"
#include "harness/frame/family.h"
#include "harness/gate/later.h"
#include "harness/gate/listen.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	WATCHED = 256, /* ports whose SYN-ACKs are looked at: the first the load uses */
	SPARE_FDS = 256,
	SNAPLEN = 128,
	RING = 1 << 20,
	LOOK_MS = 20,
};

/* The last SYN-ACK to a port. */
struct half_open {
	bool seen, repeated;
	uint32_t sequence, acknowledgement;
};

struct hold {
	struct link link;
	bool tcp;
	int fds[HOLD_PORTS];
	uint32_t ports[HOLD_PORTS];
	size_t count;
	uint32_t last_watched; /* port */
	pcap_t *listener;
	pthread_t thread;
	bool running;
	atomic_bool ending;
	struct half_open half_open[WATCHED]; /* by port - FAMILY_PORT_FIRST */
	atomic_uint_fast64_t syn_acks, repeated, kept, resets;
};

/* --- the sockets -------------------------------------------------------------- */

/*
 * Lets the socket hear nothing of the device, without an answer: by a filter, or,
 * where TCP gets one with CAP_NET_ADMIN alone (Linux 6.18 does so), by a demand for
 * signed segments (RFC 2385), which nobody signs.
 */
static int deafen(const struct hold *hold, int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &nothing};
	struct tcp_md5sig demand = {.tcpm_keylen = 1, .tcpm_key = "?"};
	struct sockaddr_storage device;

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0) {
		return 0;
	}
	(void)address_to_sockaddr(&hold->link.device, 0, hold->link.index, &device);
	memcpy(&demand.tcpm_addr, &device, sizeof(device));
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &demand, sizeof(demand));
}

/* Returns a descriptor, or -errno. */
static int hold_port(const struct hold *hold, uint16_t port)
{
	struct sockaddr_storage at;
	socklen_t size = address_to_sockaddr(&hold->link.source, port, hold->link.index, &at);
	int type = hold->tcp ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(at.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error;

	if (fd < 0) {
		return -errno;
	}
	/* deaf first: nothing is to be answered in between */
	if (deafen(hold, fd) == 0 &&
	    bind(fd, (const struct sockaddr *)(const void *)&at, size) == 0 &&
	    (!hold->tcp || listen(fd, 1) == 0)) {
		return fd;
	}
	error = -errno;
	close(fd);
	return error;
}

/* How many descriptors may be taken. */
static size_t room(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= SPARE_FDS) {
		return 0;
	}
	return (size_t)limit.rlim_cur - SPARE_FDS;
}

static int hold_all(struct hold *hold, size_t most, struct text *why)
{
	unsigned i;
	int fd = -EMFILE;

	for (i = 0; i < FAMILY_PORTS && hold->count < HOLD_PORTS && hold->count < most; i++) {
		fd = hold_port(hold, (uint16_t)(FAMILY_PORT_FIRST + i));
		if (fd >= 0) {
			hold->fds[hold->count] = fd;
			hold->ports[hold->count++] = FAMILY_PORT_FIRST + i;
		} else if (fd != -EADDRINUSE) {
			break;
		}
	}
	if (hold->count == 0) {
		text_error(why, "no source port can be held: %s", strerror(-fd));
		return fd;
	}
	i = hold->count < WATCHED ? (unsigned)hold->count : WATCHED;
	hold->last_watched = hold->ports[i - 1];
	return 0;
}

/* --- watching ------------------------------------------------------------------ */

static void saw_syn_ack(struct hold *hold, const struct dissected *d)
{
	unsigned index = d->to_port - (unsigned)FAMILY_PORT_FIRST;
	struct half_open *last;

	if (d->to_port < FAMILY_PORT_FIRST || index >= WATCHED) {
		return;
	}
	last = &hold->half_open[index];
	if (!last->seen || last->sequence != d->sequence ||
	    last->acknowledgement != d->acknowledgement) {
		*last = (struct half_open){.seen = true,
					   .sequence = d->sequence,
					   .acknowledgement = d->acknowledgement};
		atomic_fetch_add(&hold->syn_acks, 1);
		return;
	}
	atomic_fetch_add(&hold->repeated, 1);
	if (!last->repeated) {
		last->repeated = true;
		atomic_fetch_add(&hold->kept, 1);
	}
}

static void take_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct hold *hold = (struct hold *)(void *)user;
	struct dissected d;

	if (dissect(bytes, header->caplen, &d) != 0 || d.transport != FRAME_TCP) {
		return;
	}
	if (address_equal(&d.from, &hold->link.source)) {
		if ((d.flags & TCP_RST) != 0) {
			atomic_fetch_add(&hold->resets, 1);
		}
	} else if ((d.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK)) {
		saw_syn_ack(hold, &d);
	}
}

static void *watch(void *argument)
{
	struct hold *hold = argument;
	struct pollfd ready = {.fd = pcap_get_selectable_fd(hold->listener), .events = POLLIN};

	while (!atomic_load(&hold->ending)) {
		poll(&ready, 1, LOOK_MS);
		pcap_dispatch(hold->listener, -1, take_frame, (u_char *)(void *)hold);
	}
	return NULL;
}

/* The load itself goes past every listener. */
static int start_watching(struct hold *hold, struct text *why)
{
	struct address_text device = address_text(&hold->link.device);
	struct address_text source = address_text(&hold->link.source);
	bool six = hold->link.source.family == ADDRESS_IPV6;
	char filter[400];
	struct listen_order order = {.interface = hold->link.interface,
				     .filter = filter,
				     .snaplen = SNAPLEN,
				     .ring = RING};

	snprintf(filter, sizeof(filter),
		 "tcp and ((src host %s and dst host %s and dst portrange %d-%u) or "
		 "(src host %s and dst host %s and src portrange %d-%d and %s & 4 != 0))",
		 device.s, source.s, FAMILY_PORT_FIRST, hold->last_watched, source.s, device.s,
		 FAMILY_PORT_FIRST, FAMILY_PORT_FIRST + FAMILY_PORTS - 1,
		 six ? "ip6[53]" : "tcp[13]");
	hold->listener = listen_open(&order, why);
	if (hold->listener == NULL) {
		return -EIO;
	}
	if (pthread_create(&hold->thread, NULL, watch, hold) != 0) {
		text_error(why, "cannot start a thread");
		return -EAGAIN;
	}
	hold->running = true;
	return 0;
}

/* --- the whole ------------------------------------------------------------------ */

static void *release(void *argument)
{
	struct hold *hold = argument;
	size_t i;

	if (hold->running) {
		atomic_store(&hold->ending, true);
		pthread_join(hold->thread, NULL);
	}
	if (hold->listener != NULL) {
		pcap_close(hold->listener);
	}
	for (i = 0; i < hold->count; i++) {
		close(hold->fds[i]);
	}
	free(hold);
	return NULL;
}

int hold_open(const struct link *link, enum frame_layer transport, unsigned shares,
	      struct hold **ret, struct text *why)
{
	struct hold *hold = calloc(1, sizeof(*hold));
	int error;

	if (hold == NULL) {
		BUG("out of memory");
	}
	hold->link = *link;
	hold->tcp = transport == FRAME_TCP;
	error = hold_all(hold, room() / shares, why);
	if (error == 0 && hold->tcp) {
		error = start_watching(hold, why);
	}
	if (error != 0) {
		release(hold);
		return error;
	}
	*ret = hold;
	return 0;
}

const uint32_t *hold_ports(const struct hold *hold, size_t *ret_count)
{
	*ret_count = hold->count;
	return hold->ports;
}

struct storm_answers hold_answers(const struct hold *hold)
{
	struct storm_answers answers = {0};

	if (hold != NULL) {
		answers.ports = hold->count;
		answers.syn_acks = atomic_load(&hold->syn_acks);
		answers.repeated = atomic_load(&hold->repeated);
		answers.kept = atomic_load(&hold->kept);
		answers.resets = atomic_load(&hold->resets);
	}
	return answers;
}

void hold_close(struct hold *hold)
{
	if (hold != NULL) {
		later(release, hold);
	}
}
