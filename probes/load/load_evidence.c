/* load_evidence: writes samples.csv and windows.json. */
#include "probes/load/load_evidence.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

void load_log_phase(struct load_log *log, const struct load_phase *phase)
{
	if (log->phase_count == ARRAY_SIZE(log->phases)) {
		BUG("more windows than a course has");
	}
	log->phases[log->phase_count++] = *phase;
}

void load_log_storm(struct load_log *log, const struct storm_result *result)
{
	if (log->storm_count == ARRAY_SIZE(log->storms)) {
		BUG("more storms than a course has");
	}
	log->storms[log->storm_count++] = result;
}

enum { LINE_MOST = 160 };

static double seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

void load_keep_samples(struct probe_run *run, const struct sample *samples, size_t count)
{
	static const char header[] = "due_s,sent_s,done_s,answered,value\n";
	size_t room = sizeof(header) + count * LINE_MOST;
	char *text = probe_alloc(run, room);
	size_t used = sizeof(header) - 1;
	size_t i;

	memcpy(text, header, used);
	for (i = 0; i < count; i++) {
		const struct sample *s = &samples[i];
		int size = snprintf(text + used, room - used, "%.6f,%.6f,%.6f,%d,%.15g\n",
				    seconds(s->due_ns), seconds(s->sent_ns), seconds(s->done_ns),
				    s->answered, s->answered ? s->value : 0.0);

		if (size < 0 || size >= LINE_MOST) {
			BUG("a sample's line is too long");
		}
		used += (size_t)size;
	}
	probe_keep(run, "samples.csv", text, used);
}

static void add_rate(json_t *rate, int64_t at_ns, double frames_per_s)
{
	json_array_append_new(rate, json_pack("[f,f]", seconds(at_ns), frames_per_s));
}

/* Each slice as a point; 0 before and behind. What is left over at the end is
 * too short for a rate of its own. */
static void add_storm(json_t *rate, const struct storm_result *storm)
{
	int64_t slice_ns = storm->slice_ms * NS_PER_MS;
	double frames_per_s = 0;
	uint32_t i;

	add_rate(rate, storm->start_ns, 0);
	for (i = 0; i < storm->slice_count && i < ARRAY_SIZE(storm->slices); i++) {
		int64_t from_ns = storm->start_ns + i * slice_ns;
		int64_t length_ns = storm->end_ns - from_ns;

		if (length_ns > slice_ns) {
			length_ns = slice_ns;
		}
		if (length_ns > slice_ns / 2) {
			frames_per_s = storm->slices[i] / seconds(length_ns);
			add_rate(rate, from_ns, frames_per_s);
		}
	}
	add_rate(rate, storm->end_ns, frames_per_s);
	add_rate(rate, storm->end_ns, 0);
}

void load_keep_windows(struct probe_run *run, const struct essential_function *function,
		       const struct load_log *log)
{
	json_t *windows = json_array();
	json_t *rate = json_array();
	json_t *root;
	char *text = NULL;
	size_t i;

	for (i = 0; i < log->phase_count; i++) {
		json_array_append_new(windows,
				      json_pack("{s:s,s:f,s:f}", "name", log->phases[i].name,
						"from_s", seconds(log->phases[i].from_ns), "to_s",
						seconds(log->phases[i].to_ns)));
	}
	for (i = 0; i < log->storm_count; i++) {
		add_storm(rate, log->storms[i]);
	}
	root = json_pack("{s:s,s:b,s:o,s:o}", "function", function->name, "progress",
			 probe_progress(run, function), "windows", windows, "rate", rate);
	text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
	if (text == NULL) {
		BUG("the windows cannot be written as JSON");
	}
	probe_keep(run, "windows.json", text, strlen(text));
	free(text);
	json_decref(root);
}
