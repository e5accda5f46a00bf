/* modbus_adu_fuzz: any bytes as an answer. */
#include "probes/modbus/modbus_adu.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct modbus_answer answer;
	uint16_t values[125];
	char text[64];

	if (modbus_answer_read(bytes, size, &answer) > 0) {
		modbus_registers_read(&answer, 1, values);
		modbus_registers_read(&answer, 125, values);
		modbus_identity_read(&answer, text, sizeof(text));
	}
	return 0;
}
