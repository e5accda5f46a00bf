/* listen: opening libpcap handles. */
#define _GNU_SOURCE
#include "harness/gate/listen.h"

#include <string.h>

#include "harness/banned.h"

static int prepare(pcap_t *handle, const struct listen_order *order)
{
	int error = pcap_set_snaplen(handle, order->snaplen);

	if (error == 0) {
		error = pcap_set_buffer_size(handle, order->ring);
	}
	if (error == 0) {
		error = pcap_set_immediate_mode(handle, order->timeout_ms == 0);
	}
	if (error == 0 && order->timeout_ms != 0) {
		error = pcap_set_timeout(handle, order->timeout_ms);
	}
	if (error == 0) {
		error = pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
	}
	return error != 0 ? error : pcap_activate(handle);
}

pcap_t *listen_open(const struct listen_order *order, struct text *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *handle = pcap_create(order->interface, error);
	struct bpf_program program;
	bool fits;

	if (handle == NULL) {
		text_error(why, "cannot listen on '%s': %s", order->interface, error);
		return NULL;
	}
	if (prepare(handle, order) < 0) {
		goto failed;
	}
	if (order->inbound && pcap_setdirection(handle, PCAP_D_IN) != 0) {
		goto failed;
	}
	if (pcap_compile(handle, &program, order->filter, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		goto failed;
	}
	fits = pcap_setfilter(handle, &program) == 0;
	pcap_freecode(&program);
	if (!fits || pcap_setnonblock(handle, 1, error) != 0) {
		goto failed;
	}
	return handle;
failed:
	text_error(why, "cannot listen on '%s' for '%s': %s", order->interface, order->filter,
		   pcap_geterr(handle));
	pcap_close(handle);
	return NULL;
}
