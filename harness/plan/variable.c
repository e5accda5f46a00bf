/* variable: replaces ${...} in a suite's text by what the profile declares or
 * a policy lists. */
#include "harness/plan/scope.h"

#include <string.h>

#include "harness/banned.h"

struct variable {
	const struct scope *scope;
	const char *name; /* "limits.idle_s" */
	const char *rest; /* behind the first dot: "idle_s" */
	struct value *ret;
	struct text *why;
};

static enum outcome unknown(const struct variable *v)
{
	text_error(v->why, "no variable is called '${%s}'", v->name);
	return OUTCOME_WRONG;
}

static enum outcome limit_value(const struct variable *v)
{
	const struct limits *limits = &v->scope->profile->limits;
	const struct {
		const char *name;
		int64_t value;
	} known[] = {
#define LIMIT(name, lowest, highest, meaning) {#name, limits->name},
#include "harness/model/limit.def"
#undef LIMIT
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].name, v->rest) != 0) {
			continue;
		}
		if (known[i].value < 0) {
			text_error(v->why, "the profile does not declare 'limits.%s'", v->rest);
			return OUTCOME_UNDECLARED;
		}
		v->ret->text = arena_printf(v->scope->arena, "%lld", (long long)known[i].value);
		return OUTCOME_OK;
	}
	return unknown(v);
}

static enum outcome needs_for(const struct variable *v, const char *what)
{
	text_error(v->why, "'${%s}' needs a check that says 'for: %s'", v->name, what);
	return OUTCOME_WRONG;
}

static enum outcome function_value(const struct variable *v)
{
	const struct essential_function *function = v->scope->function;
	static const char *const names[] = {"gap_ms", "loss", "recover_s"};
	double numbers[3];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], v->rest) == 0) {
			break;
		}
	}
	if (i == ARRAY_SIZE(names)) {
		return unknown(v);
	}
	if (v->scope->for_what != FOR_FUNCTION) {
		return needs_for(v, "function");
	}
	if (function == NULL) {
		text_error(v->why, "the profile declares no essential function");
		return OUTCOME_UNDECLARED;
	}
	numbers[0] = (double)function->tolerance.gap_ms;
	numbers[1] = function->tolerance.loss;
	numbers[2] = function->tolerance.recover_s;
	v->ret->text = arena_printf(v->scope->arena, "%.15g", numbers[i]);
	return OUTCOME_OK;
}

static enum outcome budget_value(const struct variable *v)
{
	const struct budget *budget = &v->scope->profile->budget;
	const struct {
		const char *name;
		int64_t value;
	} values[] = {{"load_s", budget->load_s}, {"load_frames_per_s", budget->load_frames_per_s}};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		if (strcmp(values[i].name, v->rest) == 0) {
			v->ret->text =
				arena_printf(v->scope->arena, "%lld", (long long)values[i].value);
			return OUTCOME_OK;
		}
	}
	return unknown(v);
}

static enum outcome service_value(const struct variable *v)
{
	const struct service *service = v->scope->service;
	bool name = strcmp(v->rest, "name") == 0;

	if (!name && strcmp(v->rest, "port") != 0) {
		return unknown(v);
	}
	if (v->scope->for_what != FOR_SERVICE && v->scope->for_what != FOR_TLS &&
	    v->scope->for_what != FOR_LOGIN) {
		return needs_for(v, "service PROTOCOL");
	}
	if (service == NULL) {
		text_error(v->why, "the profile declares no such service");
		return OUTCOME_UNDECLARED;
	}
	v->ret->text =
		name ? service->name : arena_printf(v->scope->arena, "%u", (unsigned)service->port);
	return OUTCOME_OK;
}

static void join(struct arena *arena, struct value *value)
{
	const char *const *item;
	char *text = arena_strdup(arena, "");

	for (item = value->list; *item != NULL; item++) {
		text = arena_printf(arena, "%s%s%s", text, item == value->list ? "" : " ", *item);
	}
	value->text = text;
}

/* A port that no check touches is never seen, open or not. */
static bool excluded(const struct profile *profile, uint16_t port)
{
	size_t i;

	for (i = 0; i < profile->link.exclude_count; i++) {
		if (profile->link.exclude_ports[i] == port) {
			return true;
		}
	}
	return false;
}

static enum outcome declared_value(const struct variable *v)
{
	const struct profile *profile = v->scope->profile;
	bool udp = strcmp(v->rest, "udp") == 0;
	const char **ports;
	size_t i, count = 0;

	if (!udp && strcmp(v->rest, "tcp") != 0) {
		return unknown(v);
	}
	ports = arena_alloc(v->scope->arena, (profile->service_count + 1) * sizeof(*ports));
	for (i = 0; i < profile->service_count; i++) {
		const struct service *service = &profile->services[i];

		if (service->udp == udp && !excluded(profile, service->port)) {
			ports[count++] = arena_printf(v->scope->arena, "%u/%s",
						      (unsigned)service->port, v->rest);
		}
	}
	v->ret->list = ports;
	join(v->scope->arena, v->ret);
	return OUTCOME_OK;
}

struct chosen { /* of a policy's list */
	const char **values;
	size_t count;
	struct legacy *legacy;
	size_t legacy_count;
};

/* Adds what the entry has, where its tier on the run's day is one of those asked for:
 * 'only', or where that is -1 everything that is not forbidden. */
static void choose(const struct variable *v, const struct policy *policy,
		   const struct policy_entry *entry, int only, struct chosen *chosen)
{
	struct arena *arena = v->scope->arena;
	enum policy_tier tier = policy_tier_on(entry, v->scope->day);
	const char *source = policy_source_text(arena, policy, entry);
	const char *const *value;

	if (only >= 0 ? tier != (enum policy_tier)only : tier == TIER_FORBIDDEN) {
		return;
	}
	for (value = entry->values; *value != NULL; value++) {
		*(const char **)arena_push(arena, &chosen->values, &chosen->count,
					   sizeof(*chosen->values)) = *value;
		if (tier == TIER_LEGACY) {
			*(struct legacy *)arena_push(arena, &chosen->legacy, &chosen->legacy_count,
						     sizeof(*chosen->legacy)) =
				(struct legacy){*value, source};
		}
	}
}

static enum outcome policy_list(const struct variable *v, const struct policy *policy,
				const char *name, int only)
{
	const struct policy_list *list = policy_list_find(policy, name);
	struct chosen chosen = {0};
	size_t i;

	if (list == NULL) {
		text_error(v->why, "policy '%s' has no list '%s'", policy->name, name);
		return OUTCOME_WRONG;
	}
	for (i = 0; i < list->entry_count; i++) {
		choose(v, policy, &list->entries[i], only, &chosen);
	}
	*(const char **)arena_push(v->scope->arena, &chosen.values, &chosen.count,
				   sizeof(*chosen.values)) = NULL;
	v->ret->list = chosen.values;
	v->ret->legacy = chosen.legacy;
	v->ret->legacy_count = chosen.legacy_count;
	v->ret->policy =
		arena_printf(v->scope->arena, "%s %s of %s", policy->name, name, policy->date);
	join(v->scope->arena, v->ret);
	return OUTCOME_OK;
}

/* NAME.LIST, or NAME.LIST.TIER. */
static enum outcome policy_value(const struct variable *v)
{
	const struct suites *suites = v->scope->suites;
	char *name = arena_strdup(v->scope->arena, v->rest);
	char *dot = strrchr(name, '.');
	int only = dot == NULL ? -1 : policy_tier_from_word(dot + 1);
	size_t i;

	if (only >= 0) {
		*dot = '\0';
		dot = strrchr(name, '.');
	}
	if (dot == NULL) {
		text_error(v->why,
			   "'${%s}' names no list: write "
			   "'${policy.NAME.LIST}'",
			   v->name);
		return OUTCOME_WRONG;
	}
	*dot = '\0';
	for (i = 0; i < suites->policy_count; i++) {
		if (strcmp(suites->policies[i].name, name) == 0) {
			return policy_list(v, &suites->policies[i], dot + 1, only);
		}
	}
	text_error(v->why, "no policy is called '%s'", name);
	return OUTCOME_WRONG;
}

static void add_new(struct arena *arena, struct chosen *chosen, const char *const *values)
{
	size_t i;

	for (; *values != NULL; values++) {
		for (i = 0; i < chosen->count && strcmp(chosen->values[i], *values) != 0; i++) {
		}
		if (i == chosen->count) {
			*(const char **)arena_push(arena, &chosen->values, &chosen->count,
						   sizeof(*chosen->values)) = *values;
		}
	}
}

/* '${defaults.POLICY}': what the policy forbids of the list named like the profile's vendor, and
 * then of its list 'pairs'; each once. */
static enum outcome defaults_value(const struct variable *v)
{
	struct arena *arena = v->scope->arena;
	const char *vendor = v->scope->profile->vendor;
	const struct policy *policy = NULL;
	struct chosen chosen = {0};
	struct value one = {0};
	struct variable list = *v;
	size_t i;

	for (i = 0; i < v->scope->suites->policy_count; i++) {
		if (strcmp(v->scope->suites->policies[i].name, v->rest) == 0) {
			policy = &v->scope->suites->policies[i];
		}
	}
	if (policy == NULL) {
		text_error(v->why, "no policy is called '%s'", v->rest);
		return OUTCOME_WRONG;
	}
	list.ret = &one;
	for (i = 0; i < policy->list_count; i++) {
		if (policy_list_is_of(&policy->lists[i], vendor)) {
			policy_list(&list, policy, policy->lists[i].name, TIER_FORBIDDEN);
			add_new(arena, &chosen, one.list);
		}
	}
	if (policy_list(&list, policy, "pairs", TIER_FORBIDDEN) != OUTCOME_OK) {
		return OUTCOME_WRONG;
	}
	add_new(arena, &chosen, one.list);
	*(const char **)arena_push(arena, &chosen.values, &chosen.count, sizeof(*chosen.values)) =
		NULL;
	v->ret->list = chosen.values;
	v->ret->policy = arena_printf(arena, "%s of %s", policy->name, policy->date);
	join(arena, v->ret);
	return OUTCOME_OK;
}

static enum outcome variable_value(const struct scope *scope, const char *name, struct value *ret,
				   struct text *why)
{
	static const struct {
		const char *prefix;
		enum outcome (*value)(const struct variable *v);
	} kinds[] = {
		{"limits.", limit_value},      {"function.", function_value},
		{"service.", service_value},   {"declared.", declared_value},
		{"policy.", policy_value},     {"budget.", budget_value},
		{"defaults.", defaults_value},
	};
	struct variable v = {.scope = scope, .name = name, .ret = ret, .why = why};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t size = strlen(kinds[i].prefix);

		if (strncmp(name, kinds[i].prefix, size) == 0) {
			v.rest = name + size;
			return kinds[i].value(&v);
		}
	}
	return unknown(&v);
}

enum outcome variable_expand(const struct scope *scope, const char *written, struct value *ret,
			     struct text *why)
{
	struct arena *arena = scope->arena;
	const char *at = written, *open, *close;
	struct value value = {0};
	char *text = arena_strdup(arena, "");
	enum outcome outcome;

	for (;;) {
		open = strstr(at, "${");
		if (open == NULL) {
			break;
		}
		close = strchr(open, '}');
		if (close == NULL) {
			text_error(why, "'%s' has '${' without '}'", written);
			return OUTCOME_WRONG;
		}
		value = (struct value){0};
		outcome = variable_value(
			scope, arena_printf(arena, "%.*s", (int)(close - open - 2), open + 2),
			&value, why);
		if (outcome != OUTCOME_OK) {
			return outcome;
		}
		if (open == written && close[1] == '\0') {
			*ret = value;
			return OUTCOME_OK;
		}
		text = arena_printf(arena, "%s%.*s%s", text, (int)(open - at), at, value.text);
		at = close + 1;
	}
	*ret = (struct value){.text = arena_printf(arena, "%s%s", text, at)};
	return OUTCOME_OK;
}
