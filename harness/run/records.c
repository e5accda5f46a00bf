/* records: what a run writes to its journal, and what it takes over from it
 * when it is resumed. */
#define _GNU_SOURCE
#include "harness/run/records.h"
#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "harness/model/results.h"
#include "harness/run/environment.h"
#include "harness/run/integrity.h"
#include "harness/run/runner.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/banned.h"

/* Text that may come from the device or a child: JSON wants UTF-8. */
static json_t *any_text(const char *text)
{
	char printable[4096];
	json_t *value = json_string(text == NULL ? "" : text);

	if (value == NULL) {
		value = json_string(
			text_printable(printable, sizeof(printable), text, strlen(text)));
	}
	return value;
}

/* A journal that cannot be written ends the run: nothing measured after that
 * could be proven. */
static int append(struct runner *runner, const char *type, json_t *record)
{
	struct text why;

	if (journal_append(runner->journal, type, record, &why) != 0) {
		return runner_stop(runner, STOP_BENCH_LOST, "%s", why.s);
	}
	return 0;
}

int record_run(struct runner *runner)
{
	const struct plan *plan = runner->plan;

	return append(runner, "run",
		      json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "id",
				runner->anchor.id, "plan_file", runner->plan_file.hex, "tool",
				"assay " ASSAY_VERSION, "plan", plan->digest, "profile",
				plan->profile->digest, "answers", plan->profile->answers_digest,
				"suites", plan->suites == NULL ? "" : plan->suites->digest,
				"catalogue", plan->catalogue == NULL ? "" : plan->catalogue->digest,
				"edition", plan->profile->edition, "device", plan->profile->name,
				"environment", environment_json(runner)));
}

int record_begin(struct runner *runner, size_t observation)
{
	const struct observation *begun = &runner->plan->observations[observation];
	const struct progress_of *progress = &runner->progress[observation];
	json_t *record = json_pack("{s:s,s:i,s:s,s:o}", "observation", begun->id, "attempt",
				   progress->attempts, "probe", begun->probe->id, "params",
				   params_to_json(begun->params, begun->param_count));

	if (progress->wait.what != NULL) {
		json_object_set_new(record, "resumes", json_string(progress->wait.what));
	}
	return append(runner, "begin", record);
}

static json_t *facts_json(const struct facts *facts)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < facts->count; i++) {
		json_object_set_new(object, facts->at[i].name, fact_to_json(&facts->at[i]));
	}
	return object;
}

/* Takes facts of the probe's declaration back out of a record. */
static struct facts facts_back(struct runner *runner, const struct probe *probe,
			       const json_t *object)
{
	struct fact *all = NULL, fact;
	const struct fact_def *def;
	const json_t *value;
	size_t count = 0;

	for (def = probe->facts; def != NULL && def->name != NULL; def++) {
		value = json_object_get(object, def->name);
		if (value != NULL && fact_from_json(runner->arena, def, value, &fact, NULL) == 0) {
			*(struct fact *)arena_push(runner->arena, &all, &count, sizeof(fact)) =
				fact;
		}
	}
	return (struct facts){all, count};
}

/* Another boot's clock says nothing about this one's, and the wall clock may be
 * set: such a wait is begun anew. */
static void take_wait(struct runner *runner, size_t observation, const json_t *record)
{
	const char *boot = json_string_value(json_object_get(record, "boot"));
	const char *what = json_string_value(json_object_get(record, "what"));
	int64_t until_ms = json_integer_value(json_object_get(record, "until_boot_ms"));
	struct milestone *wait = &runner->progress[observation].wait;

	*wait = (struct milestone){.what = NULL};
	if (boot == NULL || what == NULL || boot[0] == '\0' || strcmp(boot, runner->boot) != 0) {
		return;
	}
	*wait = (struct milestone){
		.what = arena_strdup(runner->arena, what),
		.until_ns = clock_ns() + until_ms * NS_PER_MS - clock_boot_ns(),
		.facts = facts_back(runner, runner->plan->observations[observation].probe,
				    json_object_get(record, "facts")),
	};
}

int record_wait(struct runner *runner, size_t observation, const struct milestone *wait)
{
	int64_t until_boot_ns = clock_boot_ns() + wait->until_ns - clock_ns();
	json_t *record = json_pack("{s:s,s:i,s:s,s:s,s:s,s:I,s:o}", "observation",
				   runner->plan->observations[observation].id, "attempt",
				   runner->progress[observation].attempts, "what", wait->what,
				   "until", clock_wall_at(wait->until_ns).s, "boot", runner->boot,
				   "until_boot_ms", (json_int_t)(until_boot_ns / NS_PER_MS),
				   "facts", facts_json(&wait->facts));

	take_wait(runner, observation, record);
	return append(runner, "wait", record);
}

static json_t *evidence_json(const struct child_report *report)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < report->evidence_count; i++) {
		json_array_append_new(array,
				      json_pack("{s:s,s:s,s:I}", "path", report->evidence[i].path,
						"sha256", report->evidence[i].sha256, "size",
						(json_int_t)report->evidence[i].size));
	}
	return array;
}

static json_t *traffic_json(const struct gate_traffic *traffic)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "connections",
			 (json_int_t)traffic->connections, "connects_failed",
			 (json_int_t)traffic->connects_failed, "frames",
			 (json_int_t)traffic->frames, "bytes", (json_int_t)traffic->bytes,
			 "refused", (json_int_t)traffic->refused, "captured",
			 (json_int_t)traffic->captured, "capture_dropped",
			 (json_int_t)traffic->capture_dropped, "failed_logins",
			 (json_int_t)traffic->failed_logins, "writes", (json_int_t)traffic->writes);
}

int record_observation(struct runner *runner, size_t observation, const struct child_report *report)
{
	const char *id = runner->plan->observations[observation].id;
	json_t *record =
		json_pack("{s:s,s:i,s:s,s:s,s:o,s:o,s:o,s:s,s:f,s:o}", "observation", id, "attempt",
			  runner->progress[observation].attempts, "outcome",
			  child_outcome_word(report->outcome), "why", why_word(report->why),
			  "reason", any_text(report->reason), "facts", facts_json(&report->facts),
			  "evidence", evidence_json(report), "started", report->started, "seconds",
			  report->seconds, "traffic", traffic_json(&report->traffic));

	if (report->traffic.refused > 0 &&
	    record_refused(runner, id, report->traffic.last_refusal) != 0) {
		json_decref(record);
		return -1;
	}
	return append(runner, "observation", record);
}

int record_refused(struct runner *runner, const char *observation, const char *what)
{
	return append(runner, "refused",
		      json_pack("{s:s,s:o}", "observation", observation, "what", any_text(what)));
}

int record_device(struct runner *runner, enum device_event event, enum why why, const char *reason,
		  const struct look *look)
{
	json_t *record = json_pack("{s:s,s:s,s:o}", "state", device_event_word(event), "why",
				   why_word(why), "reason", any_text(reason));

	/* an identity seen in part cannot be compared as a whole */
	if (look != NULL && look->identity != NULL &&
	    (runner->first.identity == NULL ||
	     json_object_size(look->identity) == json_object_size(runner->first.identity))) {
		json_object_set(record, "identity", look->identity);
	}
	if (look != NULL && look->up_names != NULL) {
		json_object_set(record, "services_up", look->up_names);
	}
	return append(runner, "device", record);
}

/* The samples' file, hashed once the monitor has ended. */
static json_t *samples_json(const struct runner *runner, const char *path)
{
	char full[4096];
	struct digest digest;
	struct stat status;
	struct text why;
	json_t *array = json_array();

	snprintf(full, sizeof(full), "%s/%s", runner->options->directory, path);
	if (digest_file(full, &digest, &why) == 0 && stat(full, &status) == 0) {
		json_array_append_new(array,
				      json_pack("{s:s,s:s,s:I}", "path", path, "sha256", digest.hex,
						"size", (json_int_t)status.st_size));
	}
	return array;
}

int record_monitors(struct runner *runner)
{
	const struct plan *plan = runner->plan;
	struct monitor_totals totals;
	int result = 0;
	size_t i;

	for (i = 0; i < plan->monitor_count && result == 0; i++) {
		const struct planned_monitor *planned = &plan->monitors[i];

		if (runner->monitors[i] == NULL) {
			continue;
		}
		totals = monitor_totals(runner->monitors[i]);
		monitor_halt(runner->monitors[i]);
		result = append(
			runner, "monitor",
			json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:f,s:b,s:o}", "function",
				  planned->function->name, "monitor", planned->monitor->id,
				  "samples", (json_int_t)totals.samples, "answered",
				  (json_int_t)totals.answered, "missed", (json_int_t)totals.missed,
				  "given_way", (json_int_t)totals.given_way, "worst_gap_ms",
				  totals.worst_gap_ms, "running", totals.running, "evidence",
				  samples_json(runner, monitor_evidence(runner->monitors[i]))));
	}
	return result;
}

int record_note(struct runner *runner, const char *text)
{
	return append(runner, "note", json_pack("{s:o}", "text", any_text(text)));
}

int record_resume(struct runner *runner)
{
	json_t *unrecorded = runner->unrecorded;

	runner->unrecorded = NULL;
	return append(runner, "resume",
		      json_pack("{s:I,s:o}", "torn_bytes",
				(json_int_t)journal_torn(runner->journal), "unrecorded",
				unrecorded != NULL ? unrecorded : json_array()));
}

/* What stopped checks left, and hooks said: no record names it but this one. */
static json_t *unrecorded_json(const struct runner *runner)
{
	struct journal_text journal;
	json_t *list;

	if (journal_read(runner->options->directory, &journal, NULL) != 0) {
		return json_array();
	}
	list = integrity_unrecorded(runner->options->directory, &journal);
	journal_text_release(&journal);
	return list;
}

int record_end(struct runner *runner)
{
	return append(runner, "end",
		      json_pack("{s:s,s:o,s:I,s:I,s:o}", "reason", stop_word(runner->stop), "text",
				any_text(runner->stop_reason.s), "captured",
				(json_int_t)runner->captured, "capture_dropped",
				(json_int_t)runner->capture_dropped, "unrecorded",
				unrecorded_json(runner)));
}

/* --- taking over ---------------------------------------------------------------
 */

static const char *text_of(const json_t *record, const char *name)
{
	const char *text = json_string_value(json_object_get(record, name));

	return text == NULL ? "" : text;
}

static struct progress_of *progress_of(struct runner *runner, const json_t *record)
{
	const struct plan *plan = runner->plan;
	size_t i;

	for (i = 0; i < plan->observation_count; i++) {
		if (strcmp(plan->observations[i].id, text_of(record, "observation")) == 0) {
			return &runner->progress[i];
		}
	}
	return NULL;
}

static void take_begin(struct progress_of *progress, const json_t *record)
{
	progress->attempts++;
	if (json_object_get(record, "resumes") == NULL) {
		progress->wait.what = NULL;
	}
}

/* What the gate granted of the counted budgets. */
static int64_t units_spent(const json_t *record)
{
	const json_t *traffic = json_object_get(record, "traffic");

	return json_integer_value(json_object_get(traffic, "failed_logins")) +
	       json_integer_value(json_object_get(traffic, "writes"));
}

static void take_observation(struct progress_of *progress, const json_t *record)
{
	int outcome = child_outcome_from_word(text_of(record, "outcome"));

	progress->outcome = outcome < 0 ? CHILD_ERROR : (enum child_outcome)outcome;
	progress->finished = progress->outcome != CHILD_ERROR;
	progress->unsure = progress->outcome == CHILD_GAVE_UP;
	progress->wait.what = NULL;
}

/* What gave up while the device went away is run again when it is back. */
static void take_event(struct runner *runner, int event)
{
	bool well = device_event_well(event);
	bool gone = event == DEVICE_LOST || event == DEVICE_QUARANTINED;
	size_t i;

	for (i = 0; i < runner->plan->observation_count && !well; i++) {
		/* what was waited for may have gone with it */
		runner->progress[i].wait.what = NULL;
	}
	for (i = 0; i < runner->plan->observation_count && (well || gone); i++) {
		if (gone && runner->progress[i].unsure) {
			runner->progress[i].finished = false;
		}
		runner->progress[i].unsure = false;
	}
}

/* The first time the device was well is what it is compared with; or, after a
 * person has cleared a quarantine, the next time. */
static void take_device(struct runner *runner, const json_t *record)
{
	json_t *up = json_object_get(record, "services_up");
	int event = device_event_from_word(text_of(record, "state"));
	struct look *first = &runner->first;

	take_event(runner, event);
	if (event == DEVICE_QUARANTINED) {
		look_release(first);
	}
	if (first->known || event != DEVICE_ALIVE) {
		return;
	}
	first->known = true;
	first->identity = json_incref(json_object_get(record, "identity"));
	first->up_names = json_incref(up);
	first->up = json_array_size(up);
}

/* What was planned then must be what is planned now: half a run of each would
 * prove nothing. */
static int take_run(const struct runner *runner, const json_t *record, struct text *why)
{
	const struct plan *plan = runner->plan;
	const char *directory = runner->options->directory;
	const struct {
		const char *member, *now, *what;
	} parts[] = {
		{"profile", plan->profile->digest, "the profile has"},
		{"suites", plan->suites == NULL ? "" : plan->suites->digest, "the suites have"},
		{"catalogue", plan->catalogue == NULL ? "" : plan->catalogue->digest,
		 "the catalogue has"},
	};
	const char *what = "the selection of checks has";
	size_t i;

	if (strcmp(text_of(record, "plan"), plan->digest) == 0) {
		return 0;
	}
	for (i = ARRAY_SIZE(parts); i > 0; i--) {
		if (strcmp(text_of(record, parts[i - 1].member), parts[i - 1].now) != 0) {
			what = parts[i - 1].what;
		}
	}
	return text_error(why,
			  "'%s' holds the run of another plan: %s changed "
			  "since; name another folder for a new run, or judge "
			  "this one as it is with 'assay judge %s'",
			  directory, what, directory);
}

static int take_record(struct runner *runner, const json_t *record, struct text *why)
{
	const char *type = text_of(record, "type");
	struct progress_of *progress;

	if (strcmp(type, "run") == 0) {
		runner->resumed = true;
		return take_run(runner, record, why);
	} else if (strcmp(type, "begin") == 0) {
		progress = progress_of(runner, record);
		if (progress != NULL && plan_observation_of(runner->plan, record) >= 0) {
			take_begin(progress, record);
		}
	} else if (strcmp(type, "wait") == 0) {
		progress = progress_of(runner, record);
		if (progress != NULL && progress->attempts > 0) {
			take_wait(runner, (size_t)(progress - runner->progress), record);
		}
	} else if (strcmp(type, "observation") == 0) {
		runner->spent += units_spent(record);
		progress = progress_of(runner, record);
		if (progress != NULL && progress->attempts > 0) {
			take_observation(progress, record);
		}
	} else if (strcmp(type, "device") == 0) {
		take_device(runner, record);
	}
	return 0;
}

int records_resume(struct runner *runner, const struct journal_text *journal, struct text *why)
{
	int result = 0;
	size_t i;

	for (i = 0; i < journal->count && result == 0; i++) {
		result = take_record(runner, journal->records[i], why);
	}
	return result;
}
