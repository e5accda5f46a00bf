/*
 * later: closing a packet socket waits for all CPUs (about 10 ms each). Nobody
 * needs to wait for that: it is done beside, in a thread that ends by itself.
 */
#ifndef ASSAY_GATE_LATER_H
#define ASSAY_GATE_LATER_H

#include <pcap/pcap.h>

void later_close(int fd);
void later_pcap_close(pcap_t *handle);

#endif
