/* ssh_keys_fuzz: what a server answers to an exchange, from any bytes. */
#include "probes/ssh/ssh_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct ssh_slice payload = {.at = bytes, .size = size};
	struct ssh_keys_choice choice;
	struct ssh_kexinit kexinit;

	(void)ssh_group_bits(payload);
	(void)ssh_rsa_bits(payload);
	if (ssh_kexinit_read(payload, &kexinit)) {
		(void)ssh_keys_choose(&kexinit, &choice);
	}
	return 0;
}
