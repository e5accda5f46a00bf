/*
 * snmp_message: the one message that finds an SNMPv3 engine (RFC 3414, section
 * 4) and the report that answers it (RFC 3412). Own code, not net-snmp's
 * library: that makes its sockets itself and takes no connected descriptor, and
 * this is one fixed message.
 */
#ifndef ASSAY_PROBES_SNMP_MESSAGE_H
#define ASSAY_PROBES_SNMP_MESSAGE_H

#include "harness/base/bytes.h"

enum { SNMP_ENGINE_ID_MAX = 32 }; /* RFC 3411, SnmpEngineID: 5 to 32 */

struct snmp_engine {
	uint8_t id[SNMP_ENGINE_ID_MAX];
	size_t id_size;
	uint32_t boots, time_s; /* how often it has started, and how long ago */
};

/* Writes the discovery with this message id (31 bits). */
void snmp_discovery_write(struct writer *w, uint32_t message_id);
/*
 * Reads a datagram. Returns 0 and the engine, 1 where it is a message of SNMPv3
 * with another id (a stray), or -1 where it is no report of SNMPv3.
 */
int snmp_report_read(const void *bytes, size_t size, uint32_t message_id, struct snmp_engine *ret);

#endif
