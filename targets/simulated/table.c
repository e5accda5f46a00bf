/* table: the targets there are. */
#include "targets/simulated/table.h"
#include <string.h>

#include "harness/banned.h"

const struct target_def target_table[] = {
	{.name = "weak-plc",
	 .summary = "simulated controller with every weakness planted",
	 .number = 1,
	 .temper = TEMPER_WEAK},
	{.name = "hardened-plc",
	 .summary = "the same controller with every weakness closed",
	 .number = 2,
	 .temper = TEMPER_HARDENED},
	{.name = "openssh-nginx",
	 .summary = "Debian's OpenSSH and nginx, well configured",
	 .number = 3,
	 .recipe = "openssh-nginx",
	 .ports = {22, 443}},
	{.name = NULL},
};

const struct target_def *target_find(const char *name)
{
	for (const struct target_def *def = target_table; def->name; def++)
		if (strcmp(def->name, name) == 0)
			return def;
	return NULL;
}

struct target_link target_link_of(const struct target_def *def)
{
	struct target_link link;
	unsigned n = def->number;

	snprintf(link.interface, sizeof(link.interface), "assay%u", n);
	snprintf(link.address, sizeof(link.address), "10.213.%u.2", n);
	snprintf(link.tester, sizeof(link.tester), "10.213.%u.1", n);
	snprintf(link.witness, sizeof(link.witness), "10.213.%u.9", n);
	/* Locally administered addresses (IEEE 802, second-lowest bit). */
	snprintf(link.device_mac, sizeof(link.device_mac), "02:a5:5a:00:%02x:02", n & 0xff);
	snprintf(link.tester_mac, sizeof(link.tester_mac), "02:a5:5a:00:%02x:01", n & 0xff);
	return link;
}
