/* half_open: counts by port; an answer of the device takes one away. */
#define _GNU_SOURCE
#include "harness/gate/half_open.h"
#include "harness/base/bytes.h"
#include "harness/base/clock.h"

#include <netinet/in.h>
#include <string.h>

#include "harness/banned.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd };
enum { TCP_SYN = 0x02, TCP_RST = 0x04 };
enum { FRAGMENT = 0x3fff, FRAGMENT_OFFSET = 0x1fff }; /* more fragments, or an offset */

/* What the headers say about TCP. */
struct glance {
	bool tcp;
	bool clear; /* false: the flags cannot be read */
	uint16_t from, to;
	uint8_t flags;
};

/* RFC 9293, 3.1; r stands at the TCP header. */
static void glance_tcp(struct reader *r, struct glance *ret)
{
	ret->tcp = true;
	ret->from = reader_be16(r);
	ret->to = reader_be16(r);
	reader_skip(r, 9);
	ret->flags = reader_u8(r);
	ret->clear = ret->clear && reader_ok(r);
}

/* RFC 791: see scope.c. */
static void glance_ipv4(struct reader *r, struct glance *ret)
{
	uint8_t first = reader_u8(r), protocol;
	uint16_t fragment;

	reader_skip(r, 5);
	fragment = reader_be16(r);
	reader_skip(r, 1);
	protocol = reader_u8(r);
	reader_skip(r, 10);
	reader_skip(r, (first & 0x0fu) >= 5 ? ((first & 0x0fu) - 5) * 4u : 0);
	if (!reader_ok(r) || protocol != IPPROTO_TCP) {
		return;
	}
	ret->clear = (fragment & FRAGMENT) == 0;
	if ((fragment & FRAGMENT_OFFSET) != 0) {
		ret->tcp = true;
		return;
	}
	glance_tcp(r, ret);
}

/* RFC 8200, 3: what stands behind extension headers is not looked for. */
static void glance_ipv6(struct reader *r, struct glance *ret)
{
	uint8_t next;

	reader_skip(r, 6);
	next = reader_u8(r);
	reader_skip(r, 33);
	if (!reader_ok(r) || next == IPPROTO_UDP || next == IPPROTO_ICMPV6) {
		return;
	}
	ret->clear = next == IPPROTO_TCP;
	if (ret->clear) {
		glance_tcp(r, ret);
	}
	ret->tcp = true;
}

static struct glance glance_at(const uint8_t *frame, size_t size)
{
	struct glance glance = {.tcp = false};
	struct reader r = reader_of(frame, size);
	uint16_t type;

	reader_skip(&r, 12);
	type = reader_be16(&r);
	if (reader_ok(&r) && type == ETHERTYPE_IPV4) {
		glance_ipv4(&r, &glance);
	} else if (reader_ok(&r) && type == ETHERTYPE_IPV6) {
		glance_ipv6(&r, &glance);
	}
	return glance;
}

static int64_t waiting(struct half_open_count *count)
{
	if (clock_ns() - count->since_ns >= NS_PER_S) {
		count->waiting = 0;
	}
	return count->waiting;
}

static void add(struct half_open_count *count)
{
	count->waiting++;
	count->since_ns = clock_ns();
}

static void take_away(struct half_open_count *count)
{
	if (count->waiting > 0) {
		count->waiting--;
	}
}

void half_open_init(struct half_open *half_open, int64_t limit)
{
	memset(half_open, 0, sizeof(*half_open));
	pthread_mutex_init(&half_open->lock, NULL);
	half_open->limit = limit;
}

void half_open_release(struct half_open *half_open)
{
	pthread_mutex_destroy(&half_open->lock);
}

bool half_open_dial(struct half_open *half_open)
{
	bool room;

	pthread_mutex_lock(&half_open->lock);
	room = half_open->dialling + waiting(&half_open->known) < half_open->limit;
	half_open->dialling += room;
	pthread_mutex_unlock(&half_open->lock);
	return room;
}

void half_open_dialled(struct half_open *half_open)
{
	pthread_mutex_lock(&half_open->lock);
	half_open->dialling--;
	pthread_mutex_unlock(&half_open->lock);
}

static bool take_place(struct half_open *half_open, uint16_t port)
{
	struct half_open_count *at_port = &half_open->ports[port];

	if (waiting(at_port) >= half_open->limit) {
		return false;
	}
	if (half_open->open[port]) {
		if (half_open->dialling + waiting(&half_open->known) >= half_open->limit) {
			return false;
		}
		add(&half_open->known);
	}
	add(at_port);
	return true;
}

bool half_open_frame(struct half_open *half_open, const uint8_t *frame, size_t size)
{
	struct glance glance = glance_at(frame, size);
	bool room;

	if (!glance.tcp || (glance.clear && (glance.flags & TCP_SYN) == 0)) {
		return true;
	}
	pthread_mutex_lock(&half_open->lock);
	room = take_place(half_open, glance.to);
	pthread_mutex_unlock(&half_open->lock);
	return room;
}

void half_open_answer(struct half_open *half_open, const uint8_t *frame, size_t size)
{
	struct glance glance = glance_at(frame, size);

	if (!glance.tcp || !glance.clear || (glance.flags & (TCP_SYN | TCP_RST)) == 0) {
		return;
	}
	pthread_mutex_lock(&half_open->lock);
	take_away(&half_open->ports[glance.from]);
	if (half_open->open[glance.from]) {
		take_away(&half_open->known);
	}
	if ((glance.flags & TCP_RST) == 0) {
		half_open->open[glance.from] = true;
	}
	pthread_mutex_unlock(&half_open->lock);
}
