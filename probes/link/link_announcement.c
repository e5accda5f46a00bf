/* link_announcement: whether the device speaks to a multicast group by itself. */
#include "probes/probe.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

static const struct {
	const char *word;
	enum multicast_group group;
} groups[] = {
#define MULTICAST(name, word, mac, ethertype, port) {word, GROUP_##name},
#include "harness/model/multicast.def"
};

static const char *group_word(size_t i)
{
	return i < ARRAY_SIZE(groups) ? groups[i].word : NULL;
}

static enum multicast_group group_of(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		if (strcmp(groups[i].word, word) == 0) {
			return groups[i].group;
		}
	}
	BUG("no group is called '%s'", word);
}

static int observe(struct probe_run *run)
{
	const char *word = probe_text(run, "group");
	struct wire_target target = {.kind = WIRE_GROUP, .group = group_of(word)};
	int64_t start_ns = clock_ns(), stamp_ns = 0;
	int64_t end_ns = start_ns + probe_int(run, "wait_s") * NS_PER_S;
	const uint8_t *frame = NULL;
	struct wire_facts facts;
	struct probe_wire *wire;
	int error = 0;
	long size;

	wire = probe_wire_to(run, &target, &facts, &error);
	if (wire == NULL && error == -EACCES) {
		return probe_give_up(run, WHY_NOT_DECLARED,
				     "the profile's 'link.multicast' does not name '%s'", word);
	}
	if (wire == NULL) {
		return probe_give_up(run, WHY_NO_PRIVILEGE, "cannot open a raw door: %s",
				     strerror(-error));
	}
	size = wire_receive(wire, &frame, &stamp_ns, end_ns);
	if (size <= 0) {
		return probe_give_up(run, WHY_NO_ANSWER,
				     "the device said nothing to '%s' in %lld s", word,
				     (long long)probe_int(run, "wait_s"));
	}
	probe_saw_bool(run, "heard", true);
	probe_saw_int(run, "bytes", size);
	probe_saw_real(run, "after", (double)(stamp_ns - start_ns) / (double)NS_PER_S);
	probe_keep(run, "frame.bin", frame, (size_t)size);
	return 0;
}

static const struct param_def params[] = {
	{.name = "group",
	 .type = PARAM_TEXT,
	 .meaning = "the multicast group",
	 .fallback = "lldp",
	 .one_of = group_word},
	{.name = "wait_s",
	 .type = PARAM_INT,
	 .meaning = "how long it is listened, in seconds; LLDP speaks every 30",
	 .fallback = "35",
	 .min = 1,
	 .max = 3600},
	{0},
};

static const struct fact_def facts[] = {
	{"heard", FACT_BOOL, "", "the device spoke to the group"},
	{"bytes", FACT_INT, "B", "size of the first frame, cut where it is long"},
	{"after", FACT_REAL, "s", "how long the first frame took to come"},
	{0},
};

static unsigned seconds(const struct param_value *values, size_t count)
{
	return (unsigned)param_find(values, count, "wait_s")->number;
}

static unsigned longest(const struct param_value *values, size_t count)
{
	return seconds(values, count) + 5;
}

const struct probe probe_link_announcement = {
	.id = "link.announcement",
	.summary = "listens for what the device tells a multicast group",
	.source = "IEEE 802.1AB, IEC 61158-6-10, RFC 6762",
	.impact = IMPACT_OBSERVE,
	.needs = NEEDS_WIRE,
	.timeout_s = 60,
	.params = params,
	.facts = facts,
	.seconds = seconds,
	.longest = longest,
	.observe = observe,
};
