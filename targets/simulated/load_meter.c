/*
 * load_meter: counts the frames that reach the device, at no cost per frame:
 * a packet socket with a filter and a receive buffer that is never read; the
 * kernel counts what matched, kept or not, and packet(7)'s statistics tell.
 */
#define _GNU_SOURCE
#include "targets/simulated/device.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

struct load_meter {
	int fd;
};

/*
 * One program per family. All begin by dropping what the device itself sends
 * (PACKET_OUTGOING) and what is not for it (PACKET_OTHERHOST). Offsets are
 * those of an Ethernet frame with IPv4; fragments beyond the first are not
 * connection requests.
 */
#define OURS                                                                       \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_PKTTYPE), \
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PACKET_OTHERHOST, 0, 1),       \
		BPF_STMT(BPF_RET | BPF_K, 0), BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12)
#define YES BPF_STMT(BPF_RET | BPF_K, 1)
#define NO  BPF_STMT(BPF_RET | BPF_K, 0)
/* After these four the flags of a TCP segment are in A; falls through to the
 * instruction behind, or jumps `no` instructions past it. */
#define TCP_FLAGS(no)                                                      \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, (no) + 6),        \
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),                    \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, (no) + 4),       \
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20),                    \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, (no) + 2, 0), \
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),                   \
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 14 + 13)
/* SYN without ACK. */
#define SYN_ALONE \
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1)
#define IS_ARP BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 0, 1), YES

static struct sock_filter only_arp[] = {OURS, IS_ARP, NO};
static struct sock_filter only_syn[] = {OURS, TCP_FLAGS(3), SYN_ALONE, YES, NO};
static struct sock_filter arp_and_syn[] = {OURS, IS_ARP, TCP_FLAGS(3), SYN_ALONE, YES, NO};
static struct sock_filter only_tcp[] = {OURS, TCP_FLAGS(1), YES, NO};
static struct sock_filter any_frame[] = {OURS, YES};

static const struct {
	struct sock_filter *code;
	size_t length;
} programs[] = {
	[LOAD_ARP] = {only_arp, ARRAY_SIZE(only_arp)},
	[LOAD_SYN] = {only_syn, ARRAY_SIZE(only_syn)},
	[LOAD_ARP_SYN] = {arp_and_syn, ARRAY_SIZE(arp_and_syn)},
	[LOAD_TCP] = {only_tcp, ARRAY_SIZE(only_tcp)},
	[LOAD_ANY] = {any_frame, ARRAY_SIZE(any_frame)},
};

static int meter_open(int64_t family)
{
	struct sock_fprog program = {
		.len = (unsigned short)programs[family].length,
		.filter = programs[family].code,
	};
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int smallest = 1;
	/* Protocol 0 receives nothing until bind: no frame passes unfiltered. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof(smallest)) == 0 &&
	    bind(fd, (struct sockaddr *)&all, sizeof(all)) == 0)
		return fd;
	close(fd);
	return -1;
}

struct load_meter *load_meter_new(int64_t family, struct text *why)
{
	struct load_meter *meter = calloc(1, sizeof(*meter));

	if (meter)
		meter->fd = meter_open(family);
	if (meter && meter->fd >= 0)
		return meter;
	text_error(why, "cannot count frames: %s", strerror(errno));
	free(meter);
	return NULL;
}

uint64_t load_meter_take(struct load_meter *meter)
{
	struct tpacket_stats counts = {0};
	socklen_t size = sizeof(counts);

	if (getsockopt(meter->fd, SOL_PACKET, PACKET_STATISTICS, &counts, &size) < 0)
		return 0;
	return counts.tp_packets; /* those dropped are among them */
}

void load_meter_free(struct load_meter *meter)
{
	if (meter)
		close(meter->fd);
	free(meter);
}
