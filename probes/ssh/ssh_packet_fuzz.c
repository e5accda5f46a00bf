/* ssh_packet_fuzz: any bytes as the beginning of an SSH server's stream. */
#include "probes/ssh/ssh_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_packets(const uint8_t *bytes, size_t size)
{
	struct ssh_slice payload, list, name;
	struct ssh_kexinit kexinit;
	size_t used;
	int i;

	while (ssh_packet_take(bytes, size, &payload, &used) == SSH_TAKEN) {
		bytes += used;
		size -= used;
		if (!ssh_kexinit_read(payload, &kexinit)) {
			continue;
		}
		for (i = 0; i < SSH_LISTS; i++) {
			list = kexinit.list[i];
			while (ssh_names_next(&list, &name)) {
				(void)ssh_name_is_marker(name);
				(void)ssh_name_is_strict(name);
			}
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct ssh_slice banner;
	size_t used = 0;

	if (ssh_banner_take(bytes, size, &banner, &used) == SSH_TAKEN) {
		(void)ssh_banner_versions(banner);
	}
	read_packets(bytes + used, size - used);
	return 0;
}
