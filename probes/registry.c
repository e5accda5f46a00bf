/* registry: look-up by id in the generated tables. */
#include "probes/registry.h"

#include <string.h>

const struct probe *probe_find(const char *id)
{
	size_t i;

	for (i = 0; probe_registry[i] != NULL; i++) {
		if (strcmp(probe_registry[i]->id, id) == 0) {
			return probe_registry[i];
		}
	}
	return NULL;
}

const struct monitor *monitor_find(const char *id)
{
	size_t i;

	for (i = 0; monitor_registry[i] != NULL; i++) {
		if (strcmp(monitor_registry[i]->id, id) == 0) {
			return monitor_registry[i];
		}
	}
	return NULL;
}

const struct session_driver *driver_find(const char *protocol)
{
	size_t i, j;

	for (i = 0; driver_registry[i] != NULL; i++) {
		for (j = 0; driver_registry[i]->protocols[j] != NULL; j++) {
			if (strcmp(driver_registry[i]->protocols[j], protocol) == 0) {
				return driver_registry[i];
			}
		}
	}
	return NULL;
}
