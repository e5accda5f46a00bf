/*
 * later: closing a packet socket waits for all CPUs (about 10 ms each). Nobody
 * needs to wait for that: it is done beside, in a thread that ends by itself.
 */
#ifndef ASSAY_GATE_LATER_H
#define ASSAY_GATE_LATER_H

struct pcap; /* libpcap's; its header and libbpf's exclude each other */

/* Runs work(argument) in such a thread. */
void later(void *(*work)(void *argument), void *argument);
void later_close(int fd);
void later_pcap_close(struct pcap *handle);

#endif
