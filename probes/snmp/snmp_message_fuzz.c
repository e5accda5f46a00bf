/* snmp_message_fuzz: any bytes as a report. */
#include "probes/snmp/snmp_message.h"

#include "harness/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct snmp_engine engine = {.id_size = 0};

	if (snmp_report_read(bytes, size, 1, &engine) == 0 &&
	    (engine.id_size < 5 || engine.id_size > sizeof(engine.id))) {
		BUG("an engine id of %zu bytes", engine.id_size);
	}
	return 0;
}
