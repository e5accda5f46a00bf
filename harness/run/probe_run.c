/* probe_run: what a probe was given, its waits and its end: a part of probe.h that does not reach
 * for the device. */
#define _GNU_SOURCE
#include "harness/run/probe_run.h"
#include "harness/run/child_record.h"
#include "harness/run/secret_ration.h"
#include "probes/registry.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "harness/banned.h"

/* --- what the run was given ------------------------------------------- */

static const struct param_value *param_of(const struct probe_run *run, const char *name,
					  enum param_type type)
{
	const struct param_value *value = param_find(run->params, run->param_count, name);

	if (value == NULL) {
		BUG("parameter '%s' is not declared", name);
	}
	if (value->type != type) {
		BUG("parameter '%s' is not of that type", name);
	}
	return value;
}

int64_t probe_int(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_INT)->number;
}

bool probe_bool(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_BOOL)->yes;
}

const char *probe_text(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_TEXT)->text;
}

const char *const *probe_list(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_LIST)->list;
}

const struct param_step *probe_steps(const struct probe_run *run, const char *name,
				     size_t *ret_count)
{
	const struct param_value *value = param_of(run, name, PARAM_STEPS);

	*ret_count = value->step_count;
	return value->steps;
}

static const struct param_value *step_value(const struct param_step *step, const char *name)
{
	const struct param_value *value = param_find(step->at, step->count, name);

	if (value == NULL) {
		BUG("a step has no '%s'", name);
	}
	return value;
}

const char *step_text(const struct param_step *step, const char *name)
{
	return step_value(step, name)->text;
}

int64_t step_int(const struct param_step *step, const char *name)
{
	return step_value(step, name)->number;
}

const struct service *probe_service(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_SERVICE)->service;
}

const struct account *probe_account(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_ACCOUNT)->account;
}

const struct essential_function *probe_function(const struct probe_run *run, const char *name)
{
	return param_of(run, name, PARAM_FUNCTION)->function;
}

const struct profile *probe_profile(const struct probe_run *run)
{
	return run->world->profile;
}

const struct session_driver *probe_driver(const struct probe_run *run,
					  const struct service *service)
{
	if (run->driver == NULL) {
		BUG("no driver was loaded for service '%s': the probe must need a session",
		    service->name);
	}
	return run->driver;
}

void *probe_alloc(struct probe_run *run, size_t size)
{
	return arena_alloc(run->arena, size);
}

int64_t probe_deadline(const struct probe_run *run)
{
	return run->deadline_ns;
}

const char *probe_password(struct probe_run *run, const struct account *account)
{
	const char *reason = "a monitor has no passwords", *password = NULL;

	if (run->ration != NULL) {
		password = secret_ration_password(run->ration, account, &reason);
	}
	if (password == NULL) {
		probe_give_up(run, WHY_NOT_DECLARED, "%s", reason);
	}
	return password;
}

void probe_hide(struct probe_run *run, const char *word)
{
	size_t size = strlen(word);

	if (size >= SECRET_WORD_LEAST && size <= SECRET_WORD_MOST) {
		probe_say(run, RECORD_SECRET, &(struct record_part){word, size}, 1);
	}
}

const char *probe_secret(struct probe_run *run, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char *word = arena_alloc(run->arena, size + 1);
	unsigned char bits[SECRET_WORD_MOST];
	size_t i;

	if (size < SECRET_WORD_LEAST || size > SECRET_WORD_MOST) {
		BUG("a secret of %zu characters", size);
	}
	if (getrandom(bits, size, 0) != (ssize_t)size) {
		BUG("no randomness for a secret");
	}
	for (i = 0; i < size; i++) {
		word[i] = i == 0 ? letters[bits[i] % 26] : all[bits[i] % 36];
	}
	explicit_bzero(bits, sizeof(bits));
	probe_hide(run, word);
	return word;
}

/* --- waits --------------------------------------------------------------- */

static void say_wait(const struct probe_run *run, int64_t from_ns, int64_t until_ns,
		     const char *what)
{
	uint8_t times[16];
	struct writer w = writer_of(times, sizeof(times));

	writer_be32(&w, (uint32_t)((uint64_t)from_ns >> 32));
	writer_be32(&w, (uint32_t)from_ns);
	writer_be32(&w, (uint32_t)((uint64_t)until_ns >> 32));
	writer_be32(&w, (uint32_t)until_ns);
	probe_say(run, RECORD_WAIT,
		  (const struct record_part[]){{times, sizeof(times)}, {what, strlen(what)}}, 2);
}

int probe_wait(struct probe_run *run, int64_t until_ns, const char *what)
{
	int64_t now = clock_ns();

	if (until_ns <= now) {
		return 0;
	}
	if (until_ns >= run->longest_ns) {
		return probe_give_up(run, WHY_PROBE_FAILED,
				     "waiting %lld s for %s is longer than the check said it "
				     "would take",
				     (long long)((until_ns - now) / NS_PER_S), what);
	}
	run->deadline_ns += until_ns - now;
	if (run->deadline_ns > run->longest_ns) {
		run->deadline_ns = run->longest_ns;
	}
	say_wait(run, now, until_ns, what);
	clock_sleep_until(until_ns);
	say_wait(run, 0, 0, "");
	return 0;
}

bool probe_resumed(struct probe_run *run, const char *what, int64_t late_ms, int64_t *ret_until_ns)
{
	const struct milestone *m = run->resumes;
	size_t i;

	if (m == NULL || strcmp(m->what, what) != 0 ||
	    clock_ns() > m->until_ns + late_ms * NS_PER_MS) {
		return false;
	}
	run->facts = NULL;
	run->fact_count = 0;
	for (i = 0; i < m->facts.count; i++) {
		struct fact *place =
			probe_fact_place(run, m->facts.at[i].name, m->facts.at[i].type);

		*place = m->facts.at[i];
		if (place->type == FACT_LIST) {
			probe_saw_list(run, place->name, m->facts.at[i].list,
				       m->facts.at[i].list_count);
		} else {
			probe_say_fact(run, place);
		}
	}
	*ret_until_ns = m->until_ns;
	return true;
}

/* --- the end ------------------------------------------------------------- */

int probe_run_finish(struct probe_run *run, int result)
{
	const char *word;
	uint8_t size;

	if (result != 0 && !run->gave_up) {
		probe_give_up(run, WHY_PROBE_FAILED, "the probe returned %d without saying why",
			      result);
	}
	if (run->gave_up) {
		word = why_word(run->why);
		size = (uint8_t)strlen(word);
		probe_say(run, RECORD_GIVE_UP,
			  (const struct record_part[]){
				  {&size, 1}, {word, size}, {run->reason, strlen(run->reason)}},
			  3);
	}
	return child_record_write(run->report_fd, RECORD_DONE, NULL, 0);
}
