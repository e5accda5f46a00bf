/* builder: one check of a suite becomes planned checks and observations. */
#include "harness/plan/builder.h"
#include "harness/model/protocol.h"
#include "probes/registry.h"

#include <string.h>

#include "harness/banned.h"

static struct scope scope_of(struct builder *builder, const struct check *check)
{
	return (struct scope){
		.arena = builder->arena,
		.profile = builder->input->profile,
		.suites = builder->input->suites,
		.day = builder->input->options.day,
		.mistakes = &builder->mistakes,
		.for_what = check->for_what,
	};
}

static bool takes(const struct probe *probe, enum param_type type)
{
	const struct param_def *def = probe->params;

	for (; def != NULL && def->name != NULL; def++) {
		if (def->type == type) {
			return true;
		}
	}
	return false;
}

static void lint_subject(struct builder *builder, const struct check *check,
			 const struct probe *probe)
{
	struct place place = {check->file, check->row, check->column};

	if ((check->for_what == FOR_SERVICE || check->for_what == FOR_TLS) &&
	    !takes(probe, PARAM_SERVICE)) {
		mistake_at(&builder->mistakes, place, "probe '%s' does not look at a service",
			   probe->id);
	}
	if (check->for_what == FOR_LOGIN &&
	    (!takes(probe, PARAM_SERVICE) || !takes(probe, PARAM_ACCOUNT) ||
	     (probe->needs & NEEDS_SESSION) == 0)) {
		mistake_at(&builder->mistakes, place,
			   "probe '%s' does not log in to a service with an account", probe->id);
	}
	if (check->for_what == FOR_FUNCTION && !takes(probe, PARAM_FUNCTION)) {
		mistake_at(&builder->mistakes, place,
			   "probe '%s' does not look at an essential function", probe->id);
	}
}

static struct taker taker_of(const struct check *check, const struct probe *probe)
{
	return (struct taker){
		"probe", probe->id, probe->params, {check->file, check->row, check->column}};
}

void builder_lint(struct builder *builder, const struct check *check)
{
	struct scope scope = scope_of(builder, check);
	struct place place = {check->file, check->row, check->column};
	const struct expectation *lines;
	const struct probe *probe;
	struct taker taker;
	struct params params;
	struct text why;

	if (check->probe == NULL) {
		return;
	}
	probe = builder->input->find_probe(check->probe);
	if (probe == NULL) {
		mistake_at(&builder->mistakes, place, "no probe is called '%s'", check->probe);
		return;
	}
	lint_subject(builder, check, probe);
	taker = taker_of(check, probe);
	params_resolve(&scope, &taker, check->with, check->with_count, &params, &why);
	expectations_resolve(&scope, probe, check->given, check->given_count, &lines, &why);
	expectations_resolve(&scope, probe, check->complete, check->complete_count, &lines, &why);
	expectations_resolve(&scope, probe, check->expect, check->expect_count, &lines, &why);
}

static const struct absence *absence_of(const struct profile *profile, const char *condition)
{
	size_t i;

	for (i = 0; condition != NULL && i < profile->absent_count; i++) {
		if (strcmp(profile->absent[i].condition, condition) == 0) {
			return &profile->absent[i];
		}
	}
	return NULL;
}

/* What the profile's component and absences leave of a check. */
enum relevance { RELEVANT, RULED_OUT, FOR_OTHERS };

static enum relevance relevance_of(const struct builder *builder, const struct check *check,
				   const struct absence **ret)
{
	const struct profile *profile = builder->input->profile;
	const char *const *id = check->requirements;
	const struct requirement *requirement;
	const struct absence *absence;
	enum relevance relevance = FOR_OTHERS;

	if (check->cra != NULL && check->cra[0] != NULL) {
		return RELEVANT;
	}
	for (; id != NULL && *id != NULL; id++) {
		requirement = catalogue_requirement(builder->input->catalogue, *id);
		if (requirement == NULL || !requirement_applies(requirement, profile->component)) {
			continue;
		}
		absence = absence_of(profile, requirement->condition);
		if (absence == NULL) {
			return RELEVANT;
		}
		*ret = absence;
		relevance = RULED_OUT;
	}
	return relevance;
}

static bool selected(const struct plan_options *options, const char *check, const char *planned)
{
	const char *const *id;

	if (options->only == NULL) {
		return true;
	}
	for (id = options->only; *id != NULL; id++) {
		if (strcmp(*id, check) == 0 || strcmp(*id, planned) == 0) {
			return true;
		}
	}
	return false;
}

static const struct answer *answer_to(const struct profile *profile, const char *check,
				      const char *planned)
{
	const struct answer *general = NULL;
	size_t i;

	for (i = 0; i < profile->answer_count; i++) {
		if (strcmp(profile->answers[i].check, planned) == 0) {
			return &profile->answers[i];
		}
		if (strcmp(profile->answers[i].check, check) == 0) {
			general = &profile->answers[i];
		}
	}
	return general;
}

static void set_why(struct planned_check *planned, enum why why, const char *reason)
{
	if (planned->why == WHY_NONE) {
		planned->why = why;
		planned->reason = reason;
	}
}

/* --sham-only: nothing is put on the device by a load check. */
static void override_sham(const struct builder *builder, const struct probe *probe,
			  struct params *params)
{
	struct param_value *values;
	size_t i;

	if (!builder->input->options.sham_only || (probe->needs & NEEDS_STORM) == 0) {
		return;
	}
	values = arena_copy(builder->arena, params->at, params->count * sizeof(*values));
	for (i = 0; i < params->count; i++) {
		if (values[i].type == PARAM_BOOL && strcmp(values[i].name, "sham_only") == 0) {
			values[i].yes = true;
			values[i].text = "true";
		}
	}
	params->at = values;
}

static int observe(struct builder *builder, const struct probe *probe, const struct params *params)
{
	const char *key = observation_key(builder->arena, probe, params);
	struct observation observation = {
		.id = observation_id(builder->arena, builder->input->profile, probe, params),
		.probe = probe,
		.params = params->at,
		.param_count = params->count,
		.target = observation_target(params),
		.seconds = 1,
	};
	size_t i;

	for (i = 0; i < builder->observation_count; i++) {
		if (strcmp(builder->keys[i], key) == 0) {
			return (int)i;
		}
		if (strcmp(builder->observations[i].id, observation.id) == 0) {
			BUG("two observations are called '%s'", observation.id);
		}
	}
	if (probe->seconds != NULL) {
		observation.seconds = probe->seconds(params->at, params->count);
	}
	observation.holds = resources_of(builder->arena, builder->input->profile, probe, params,
					 &observation.hold_count);
	observation.why = observation_hindrance(builder->arena, builder->input->profile, probe,
						params, &observation.reason);
	*(struct observation *)arena_push(builder->arena, &builder->observations,
					  &builder->observation_count, sizeof(observation)) =
		observation;
	*(const char **)arena_push(builder->arena, &builder->keys, &builder->key_count,
				   sizeof(key)) = key;
	return (int)i;
}

static void resolve(struct builder *builder, const struct scope *scope,
		    struct planned_check *planned)
{
	const struct check *check = planned->check;
	const struct probe *probe = builder->input->find_probe(check->probe);
	struct taker taker = taker_of(check, probe);
	struct params params;
	struct text why;
	const struct observation *observation;

	if (params_resolve(scope, &taker, check->with, check->with_count, &params, &why) ==
	    OUTCOME_OK) {
		override_sham(builder, probe, &params);
		planned->observation = observe(builder, probe, &params);
		observation = &builder->observations[planned->observation];
		set_why(planned, observation->why, observation->reason);
	} else {
		set_why(planned, WHY_NOT_DECLARED, arena_strdup(builder->arena, why.s));
	}
	if (expectations_resolve(scope, probe, check->given, check->given_count, &planned->given,
				 &why) != OUTCOME_OK ||
	    expectations_resolve(scope, probe, check->complete, check->complete_count,
				 &planned->complete, &why) != OUTCOME_OK ||
	    expectations_resolve(scope, probe, check->expect, check->expect_count, &planned->expect,
				 &why) != OUTCOME_OK) {
		set_why(planned, WHY_NOT_DECLARED, arena_strdup(builder->arena, why.s));
		return;
	}
	planned->given_count = check->given_count;
	planned->complete_count = check->complete_count;
	planned->expect_count = check->expect_count;
}

static void add(struct builder *builder, const struct scope *scope, const struct check *check,
		const char *subject)
{
	const struct profile *profile = builder->input->profile;
	const struct absence *absence = NULL;
	struct planned_check planned = {
		.id = check->id,
		.check = check,
		.service = scope->service,
		.function = scope->function,
		.observation = -1,
	};

	if (subject != NULL) {
		planned.id = arena_printf(builder->arena, "%s@%s", check->id,
					  scope_slug(builder->arena, profile, subject));
	}
	if (relevance_of(builder, check, &absence) == RULED_OUT) {
		planned.not_applicable = true;
		set_why(&planned, WHY_NOT_DECLARED,
			arena_printf(builder->arena, "the profile declares '%s' absent: %s",
				     absence->condition, absence->reason));
	} else if (check->for_what == FOR_FUNCTION && subject == NULL) {
		set_why(&planned, WHY_NOT_DECLARED, "the profile declares no essential function");
	} else if (check->probe == NULL) {
		planned.answer = answer_to(profile, check->id, planned.id);
	} else {
		resolve(builder, scope, &planned);
	}
	if (!selected(&builder->input->options, check->id, planned.id)) {
		set_why(&planned, WHY_NOT_SELECTED, "the command line selected other checks");
	}
	*(struct planned_check *)arena_push(builder->arena, &builder->checks, &builder->check_count,
					    sizeof(planned)) = planned;
}

static bool service_meant(const struct check *check, const struct service *service)
{
	const char *const *word = check->for_protocols;

	if (check->for_what == FOR_LOGIN) {
		return driver_find(service->protocol) != NULL;
	}
	if (check->for_what == FOR_TLS) {
		return !service->udp && protocol_begins_with_tls(service->protocol);
	}
	for (; word != NULL && *word != NULL; word++) {
		if (strcmp(*word, service->protocol) == 0) {
			return true;
		}
	}
	return check->for_protocols == NULL;
}

static void expand_services(struct builder *builder, struct scope *scope, const struct check *check)
{
	const struct profile *profile = builder->input->profile;
	size_t i;

	for (i = 0; i < profile->service_count; i++) {
		scope->service = &profile->services[i];
		if (service_meant(check, scope->service)) {
			add(builder, scope, check, scope->service->name);
		}
	}
}

static void expand_functions(struct builder *builder, struct scope *scope,
			     const struct check *check)
{
	const struct profile *profile = builder->input->profile;
	size_t i;

	if (profile->function_count == 0) {
		/* said once, so that it shows that nothing was watched */
		add(builder, scope, check, NULL);
	}
	for (i = 0; i < profile->function_count; i++) {
		scope->function = &profile->functions[i];
		if (strcmp(check->for_view, "*") == 0 ||
		    strcmp(check->for_view, view_word(scope->function->view)) == 0) {
			add(builder, scope, check, scope->function->name);
		}
	}
}

void builder_expand(struct builder *builder, const struct check *check)
{
	const struct profile *profile = builder->input->profile;
	struct scope scope = scope_of(builder, check);
	const struct absence *absence = NULL;

	if (relevance_of(builder, check, &absence) == FOR_OTHERS) {
		return;
	}
	if (check->only_state != NULL &&
	    strcmp(check->only_state, state_word(profile->state)) != 0) {
		return;
	}
	switch (check->for_what) {
	case FOR_DEVICE:
		add(builder, &scope, check, NULL);
		break;
	case FOR_SERVICE:
	case FOR_TLS:
	case FOR_LOGIN:
		expand_services(builder, &scope, check);
		break;
	case FOR_FUNCTION:
		expand_functions(builder, &scope, check);
		break;
	}
}
