/* uncovered: the services that no check looks into, and why that is. */
#include "harness/model/protocol.h"
#include "harness/plan/builder.h"

#include <string.h>

#include "harness/banned.h"

static bool looked_into(const struct builder *builder, const struct service *service)
{
	size_t i;

	for (i = 0; i < builder->check_count; i++) {
		if (builder->checks[i].service == service &&
		    builder->checks[i].check->probe != NULL) {
			return true;
		}
	}
	return false;
}

static const char *because(struct arena *arena, const struct service *service)
{
	const char *name = protocol_name(service->protocol), *nearest;

	if (name != NULL && strcmp(service->protocol, "other") == 0) {
		return "its protocol is none that assay knows";
	}
	if (name != NULL) {
		return arena_printf(arena, "the suites have no check of %s", name);
	}
	nearest = yaml_nearest(service->protocol, protocol_words);
	if (nearest != NULL) {
		return arena_printf(arena, "'%s' is no known protocol (did you mean '%s'?)",
				    yaml_quote(service->protocol).s, nearest);
	}
	return arena_printf(arena, "'%s' is no known protocol", yaml_quote(service->protocol).s);
}

/* The list of open ports is of TCP alone. */
static const char *sentence(struct arena *arena, const struct service *service)
{
	return arena_printf(arena, "service '%s', %s port %u: no check looks into it%s: %s",
			    service->name, service->udp ? "UDP" : "TCP", (unsigned)service->port,
			    service->udp ? ", nor at its port" : " beyond its port",
			    because(arena, service));
}

void builder_find_uncovered(struct builder *builder)
{
	const struct profile *profile = builder->input->profile;
	size_t i;

	for (i = 0; i < profile->service_count; i++) {
		const struct service *service = &profile->services[i];

		if (!looked_into(builder, service)) {
			*(struct uncovered *)arena_push(builder->arena, &builder->uncovered,
							&builder->uncovered_count,
							sizeof(*builder->uncovered)) =
				(struct uncovered){service, sentence(builder->arena, service)};
		}
	}
}
