/* capture: one thread reads the handle and hands each frame to every open
 * capture. */
#define _GNU_SOURCE
#include "harness/gate/capture.h"
#include "harness/base/clock.h"
#include "harness/gate/listen.h"
#include "harness/gate/pcapng.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/banned.h"

enum {
	/* One frame a slot of 64 KiB, which holds what segmentation offload
	 * leaves whole: longer ones are cut. */
	SNAPLEN = 65400,
	RING = 32 << 20,
	FILE_MAX = 64 << 20,
	CAPTURES = GATE_PASSES,
	YIELD_NS = 100 * 1000,
	FILTER_SIZE = 512 * LINK_DEVICES,
};

struct capture {
	bool load;
	int64_t since_ns; /* CLOCK_REALTIME */
	uint64_t dropped_before;
	struct pcapng file;
};

struct recorder {
	const struct link *link;
	pthread_mutex_t lock; /* of all below; libpcap handles have none */
	pthread_cond_t ready; /* tried has become true */
	pcap_t *handle;       /* NULL: it cannot be opened */
	struct text why;
	bool tried;
	int64_t last_ns;    /* when the frame read last came, CLOCK_REALTIME */
	atomic_int waiting; /* for the lock, beside the thread that reads */
	char filter[FILTER_SIZE];
	struct capture *captures[CAPTURES];
};

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void take(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct recorder *recorder = (struct recorder *)(void *)user;
	/* tv_usec holds nanoseconds: the handle was asked for them */
	int64_t stamp = header->ts.tv_sec * NS_PER_S + header->ts.tv_usec;
	size_t i;

	recorder->last_ns = stamp;
	for (i = 0; i < CAPTURES; i++) {
		struct capture *capture = recorder->captures[i];

		if (capture != NULL && stamp >= capture->since_ns) {
			pcapng_frame(&capture->file, stamp, bytes, header->caplen, header->len);
		}
	}
}

/* Reads what came until now, and no further: a check that floods its connection fills the handle
 * as fast as it is emptied. The lock is held. */
static void drain(struct recorder *recorder)
{
	int64_t now_ns = wall_ns();
	int got;

	do {
		got = pcap_dispatch(recorder->handle, 64, take, (u_char *)(void *)recorder);
	} while (got > 0 && recorder->last_ns < now_ns);
}

/* Before the thread that reads, which under a flood would have the lock again and again. */
static void lock_first(struct recorder *recorder)
{
	atomic_fetch_add(&recorder->waiting, 1);
	pthread_mutex_lock(&recorder->lock);
	atomic_fetch_sub(&recorder->waiting, 1);
}

static void serve(struct recorder *recorder)
{
	struct pollfd ready = {.events = POLLIN};

	ready.fd = pcap_get_selectable_fd(recorder->handle);
	for (;;) {
		poll(&ready, 1, 1000);
		while (atomic_load(&recorder->waiting) > 0) {
			clock_sleep_until(clock_ns() + YIELD_NS);
		}
		pthread_mutex_lock(&recorder->lock);
		pcap_dispatch(recorder->handle, 64, take, (u_char *)(void *)recorder);
		pthread_mutex_unlock(&recorder->lock);
	}
}

/* What is kept, as a pcap-filter(7). While a child makes load, ARP is left out
 * too: it may be the load. */
/* What is kept of the traffic with one address of the device. */
static int write_one(char *text, size_t size, const struct address *address, bool load)
{
	bool six = address->family == ADDRESS_IPV6;
	struct address_text named = address_text(address);
	const char *device = named.s;
	int length =
		snprintf(text, size,
			 "(%s host %s and not (tcp and dst host %s and src portrange %d-%d) "
			 "and not (tcp and src host %s and dst portrange %d-%d) and not (src "
			 "host %s and tcp dst portrange %d-%d and %s)",
			 six ? "ip6" : "ip", device, device, STORM_PORT_FIRST,
			 WIRE_PORT_FIRST + WIRE_PORTS - 1, device, STORM_PORT_FIRST,
			 STORM_PORT_FIRST + STORM_PORTS - 1, device, WIRE_PORT_FIRST,
			 WIRE_PORT_FIRST + WIRE_PORTS - 1,
			 /* reset and not SYN */
			 six ? "ip6[53] & 6 = 4" : "tcp[tcpflags] & (tcp-syn|tcp-rst) = tcp-rst");

	if (six || load) {
		return length + snprintf(text + length, size - (size_t)length, ")");
	}
	return length + snprintf(text + length, size - (size_t)length, ") or arp host %s", device);
}

static void write_filter(struct recorder *recorder, bool load)
{
	const struct link *link = recorder->link;
	char *text = recorder->filter;
	size_t at = 0, i;

	for (i = 0; i < link->device_count; i++) {
		at += (size_t)snprintf(text + at, sizeof(recorder->filter) - at, "%s",
				       i > 0 ? " or " : "");
		if (link->raw) {
			at += (size_t)write_one(text + at, sizeof(recorder->filter) - at,
						&link->devices[i].address, load);
		} else {
			at += (size_t)snprintf(text + at, sizeof(recorder->filter) - at, "host %s",
					       address_text(&link->devices[i].address).s);
		}
	}
}

/* Opens the handle, which takes the kernel tens of milliseconds, and reads
 * it. */
static void *record(void *argument)
{
	struct recorder *recorder = argument;
	struct listen_order order = {.interface = recorder->link->interface,
				     .filter = recorder->filter,
				     .snaplen = SNAPLEN,
				     .ring = RING};
	pcap_t *handle = listen_open(&order, &recorder->why);

	pthread_mutex_lock(&recorder->lock);
	recorder->handle = handle;
	recorder->tried = true;
	pthread_cond_broadcast(&recorder->ready);
	pthread_mutex_unlock(&recorder->lock);
	if (handle != NULL) {
		serve(recorder);
	}
	return NULL;
}

struct recorder *recorder_new(const struct link *link)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	pthread_t thread;

	if (recorder == NULL) {
		BUG("out of memory");
	}
	recorder->link = link;
	pthread_mutex_init(&recorder->lock, NULL);
	pthread_cond_init(&recorder->ready, NULL);
	write_filter(recorder, false);
	if (!link->capture) {
		recorder->tried = true;
		text_error(&recorder->why, "raw sockets are not granted");
	} else if (pthread_create(&thread, NULL, record, recorder) != 0) {
		recorder->tried = true;
		text_error(&recorder->why, "cannot start a thread");
	}
	return recorder;
}

static bool load_open(const struct recorder *recorder)
{
	size_t i;

	for (i = 0; i < CAPTURES; i++) {
		if (recorder->captures[i] != NULL && recorder->captures[i]->load) {
			return true;
		}
	}
	return false;
}

/* Changes the filter of the open handle; a filter that fails leaves the wider
 * one, which costs time and loses nothing. */
static void change_filter(struct recorder *recorder, bool load)
{
	struct bpf_program program;

	write_filter(recorder, load);
	if (pcap_compile(recorder->handle, &program, recorder->filter, 1, PCAP_NETMASK_UNKNOWN) ==
	    0) {
		pcap_setfilter(recorder->handle, &program);
		pcap_freecode(&program);
	}
}

static uint64_t kernel_drops(struct recorder *recorder)
{
	struct pcap_stat stat = {0};

	if (recorder->handle != NULL) {
		pcap_stats(recorder->handle, &stat);
	}
	return stat.ps_drop;
}

static void begin_file(struct recorder *recorder, struct capture *capture, int fd)
{
	struct pcapng_interface interface = {
		.name = recorder->link->interface, .filter = recorder->filter, .snaplen = SNAPLEN};
	char comment[1200] = "";

	if (recorder->handle == NULL) {
		snprintf(comment, sizeof(comment), "nothing was captured: %s", recorder->why.s);
		pcapng_begin(&capture->file, fd, FILE_MAX, comment, NULL);
		return;
	}
	interface.link_type = (uint16_t)pcap_datalink(recorder->handle);
	snprintf(comment, sizeof(comment),
		 "traffic with the device while one check ran; checks that "
		 "ran beside it are in it too; left out: raw frames and load "
		 "sent by the tester, answers to load, bare RSTs in answer to "
		 "raw frames%s",
		 capture->load ? ", ARP" : "");
	pcapng_begin(&capture->file, fd, FILE_MAX, comment, &interface);
}

struct capture *capture_open(struct recorder *recorder, int fd, bool load)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	size_t i;

	if (capture == NULL) {
		BUG("out of memory");
	}
	lock_first(recorder);
	while (!recorder->tried) {
		pthread_cond_wait(&recorder->ready, &recorder->lock);
	}
	capture->load = load;
	if (load && recorder->handle != NULL && !load_open(recorder)) {
		change_filter(recorder, true);
	}
	for (i = 0; i < CAPTURES && recorder->captures[i] != NULL; i++) {
	}
	if (i == CAPTURES) {
		BUG("more captures than passes");
	}
	recorder->captures[i] = capture;
	begin_file(recorder, capture, fd);
	capture->dropped_before = kernel_drops(recorder);
	capture->since_ns = wall_ns();
	pthread_mutex_unlock(&recorder->lock);
	return capture;
}

void capture_close(struct recorder *recorder, struct capture *capture, struct tally *tally)
{
	uint64_t dropped, lost;
	size_t i;

	if (capture == NULL) {
		return;
	}
	lock_first(recorder);
	if (recorder->handle != NULL) {
		drain(recorder);
	}
	dropped = kernel_drops(recorder) - capture->dropped_before;
	for (i = 0; i < CAPTURES; i++) {
		if (recorder->captures[i] == capture) {
			recorder->captures[i] = NULL;
		}
	}
	if (capture->load && recorder->handle != NULL && !load_open(recorder)) {
		change_filter(recorder, false);
	}
	pthread_mutex_unlock(&recorder->lock);
	lost = dropped + capture->file.left_out;
	if (pcapng_end(&capture->file, dropped) != 0) {
		/* a file that is not whole has lost at least one frame */
		lost++;
	}
	tally_captured(tally, capture->file.frames, lost);
	free(capture);
}
