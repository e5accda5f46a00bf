/* observation: what makes one execution of a probe the same as another, what
 * it is called, and what in the profile stands in its way. */
#include "harness/plan/scope.h"
#include "probes/registry.h"

#include "harness/base/digest.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

static const char *slug_plain(struct arena *arena, const char *name)
{
	char *slug = arena_strdup(arena, name);
	char *to = slug;
	const char *at;

	for (at = name; *at != '\0'; at++) {
		unsigned char c = (unsigned char)*at;

		if (c < 128 && (isalnum(c) || strchr("._-", c) != NULL)) {
			*to++ = (char)tolower(c);
		} else if (to > slug && to[-1] != '-') {
			*to++ = '-';
		}
	}
	while (to > slug && to[-1] == '-') {
		to--;
	}
	*to = '\0';
	return slug;
}

/* True if another name of the profile would get the same slug. */
static bool slug_taken(struct arena *arena, const struct profile *profile, const char *name,
		       const char *slug)
{
	size_t i, same = 0;

	for (i = 0; i < profile->service_count; i++) {
		const char *other = profile->services[i].name;

		same += strcmp(other, name) != 0 && strcmp(slug_plain(arena, other), slug) == 0;
	}
	for (i = 0; i < profile->function_count; i++) {
		const char *other = profile->functions[i].name;

		same += strcmp(other, name) != 0 && strcmp(slug_plain(arena, other), slug) == 0;
	}
	return same > 0;
}

static const char *short_digest(struct arena *arena, const char *text)
{
	struct digest digest = digest_of(text, strlen(text));

	return arena_printf(arena, "%.8s", digest.hex);
}

const char *scope_slug(struct arena *arena, const struct profile *profile, const char *name)
{
	const char *slug = slug_plain(arena, name);

	if (slug[0] == '\0' || slug[0] == '.' || strlen(slug) > 60 ||
	    slug_taken(arena, profile, name, slug)) {
		slug = arena_printf(arena, "%.60s-%s", slug[0] == '.' ? "" : slug,
				    short_digest(arena, name));
	}
	return slug;
}

/* --- the id ----------------------------------------------------------------
 *
 * probe [@ target] { . name - value }
 *
 * Every parameter that does not have its usual value stands in it, in the order
 * of the probe's table, so that two ids are equal only where probe and
 * parameters are, whatever else is planned. A '.' ends a part and stands in
 * none; a value that is not plain and short stands as a digest.
 */

#define DIGEST_DIGITS 12
#define LONGEST_VALUE 24
/* It is a folder's name, and goes to the gate. */
#define LONGEST_ID 120

static bool only_of(const char *text, const char *set)
{
	return text[0] != '\0' && strspn(text, set) == strlen(text);
}

/* A value that looks like a digest would be taken for another's. */
static bool value_plain(const char *text)
{
	return strlen(text) <= LONGEST_VALUE &&
	       only_of(text, "abcdefghijklmnopqrstuvwxyz0123456789-") &&
	       !(strlen(text) == DIGEST_DIGITS && only_of(text, "0123456789abcdef"));
}

static const char *digest_word(struct arena *arena, const char *text)
{
	struct digest digest = digest_of(text, strlen(text));

	return arena_printf(arena, "%.*s", DIGEST_DIGITS, digest.hex);
}

/* The value as far as an id can hold it. */
static const char *value_word(struct arena *arena, const struct param_value *value)
{
	bool nested = value->type == PARAM_LIST || value->type == PARAM_STEPS;
	json_t *json;
	const char *word;
	char *text;

	if (!nested) {
		return value_plain(value->text) ? value->text : digest_word(arena, value->text);
	}
	if (value->list_count == 1 && value_plain(value->list[0])) {
		return value->list[0];
	}
	json = param_to_json(value);
	text = json_dumps(json, JSON_COMPACT);
	if (text == NULL) {
		BUG("parameter '%s' cannot be written", value->name);
	}
	word = digest_word(arena, text);
	free(text);
	json_decref(json);
	return word;
}

static const char *target_word(struct arena *arena, const struct profile *profile,
			       const char *target)
{
	char *word = arena_strdup(arena, scope_slug(arena, profile, target));
	char *dot;

	if (strchr(word, '.') == NULL) {
		return word;
	}
	while ((dot = strchr(word, '.')) != NULL) {
		*dot = '-';
	}
	return arena_printf(arena, "%s-%s", word, digest_word(arena, target));
}

static bool usual(const struct profile *profile, const struct param_def *def,
		  const struct param_value *value)
{
	if (def->fallback == NULL) {
		return false;
	}
	if (value->type == PARAM_LIST || value->type == PARAM_STEPS) {
		return strcmp(def->fallback, "") == 0 && value->list_count + value->step_count == 0;
	}
	if (value->account != NULL && strcmp(def->fallback, "disposable") == 0) {
		return value->account == profile_disposable(profile);
	}
	return strcmp(def->fallback, value->text) == 0;
}

/* What a parameter adds to the id: "" for the usual value. */
static const char *suffix(struct arena *arena, const struct profile *profile,
			  const struct param_def *def, const struct param_value *value)
{
	if (usual(profile, def, value)) {
		return "";
	}
	if (def->type == PARAM_BOOL && value->yes) {
		return arena_printf(arena, ".%s", def->name);
	}
	return arena_printf(arena, ".%s-%s", def->name, value_word(arena, value));
}

/* The parameter that names what is looked at, or params->count. */
static size_t target_of(const struct params *params)
{
	size_t i, service = params->count;

	for (i = 0; i < params->count; i++) {
		if (params->at[i].function != NULL) {
			return i;
		}
		if (params->at[i].service != NULL && service == params->count) {
			service = i;
		}
	}
	return service;
}

const char *observation_target(const struct params *params)
{
	size_t at = target_of(params);

	if (at == params->count) {
		return "";
	}
	return params->at[at].function != NULL ? params->at[at].function->name
					       : params->at[at].service->name;
}

const char *observation_id(struct arena *arena, const struct profile *profile,
			   const struct probe *probe, const struct params *params)
{
	size_t i, target = target_of(params);
	const char *id = probe->id;

	if (target < params->count) {
		id = arena_printf(arena, "%s@%s", id,
				  target_word(arena, profile, observation_target(params)));
	}
	for (i = 0; i < params->count; i++) {
		if (i != target) {
			id = arena_printf(
				arena, "%s%s", id,
				suffix(arena, profile, &probe->params[i], &params->at[i]));
		}
	}
	if (strlen(id) > LONGEST_ID) {
		id = arena_printf(arena, "%.*s.%s", (int)strcspn(id, "."), id,
				  digest_word(arena, id));
	}
	return id;
}

const char *observation_key(struct arena *arena, const struct probe *probe,
			    const struct params *params)
{
	json_t *json = params_to_json(params->at, params->count);
	char *text = json_dumps(json, JSON_COMPACT);
	const char *key = arena_printf(arena, "%s %s", probe->id, text == NULL ? "" : text);

	if (text == NULL) {
		BUG("the parameters of '%s' cannot be written", probe->id);
	}
	free(text);
	json_decref(json);
	return key;
}

int plan_observation_of(const struct plan *plan, const json_t *begin)
{
	const char *probe = json_string_value(json_object_get(begin, "probe"));
	const json_t *params = json_object_get(begin, "params");
	size_t i;

	for (i = 0; probe != NULL && i < plan->observation_count; i++) {
		const struct observation *o = &plan->observations[i];
		json_t *mine;
		bool same;

		if (strcmp(o->probe->id, probe) != 0) {
			continue;
		}
		mine = params_to_json(o->params, o->param_count);
		same = json_equal(mine, params);
		json_decref(mine);
		if (same) {
			return (int)i;
		}
	}
	return -1;
}

static const struct service *service_of(const struct params *params)
{
	size_t i;

	for (i = 0; i < params->count; i++) {
		if (params->at[i].service != NULL) {
			return params->at[i].service;
		}
	}
	return NULL;
}

/* What stands in the way of sessions with the service, or NULL. */
static const char *session_hindrance(struct arena *arena, const struct service *service)
{
	const struct session_driver *driver =
		service == NULL ? NULL : driver_find(service->protocol);

	if (driver == NULL) {
		return arena_printf(arena, "no driver logs in to a service of protocol '%s'",
				    service == NULL ? "" : service->protocol);
	}
	return driver->lacks == NULL ? NULL : driver->lacks(service);
}

enum why observation_hindrance(struct arena *arena, const struct profile *profile,
			       const struct probe *probe, const struct params *params,
			       const char **ret_reason)
{
	const struct service *service = service_of(params);

	if (!profile->consent[probe->impact]) {
		*ret_reason = arena_printf(arena, "the profile does not grant '%s'",
					   impact_word(probe->impact));
		return WHY_NO_CONSENT;
	}
	if ((probe->needs & NEEDS_SECOND_SOURCE) != 0 &&
	    profile_source(profile, "witness", profile->link.address.family) == NULL) {
		*ret_reason = "the profile does not declare 'link.witness', "
			      "the tester's second address";
		return WHY_NOT_DECLARED;
	}
	if ((probe->needs & NEEDS_SCRATCH) != 0 &&
	    (service == NULL || service->scratch_register < 0)) {
		*ret_reason = arena_printf(arena,
					   "the profile does not declare 'scratch_register' for "
					   "service '%s'",
					   service == NULL ? "" : service->name);
		return WHY_NOT_DECLARED;
	}
	if ((probe->needs & NEEDS_SESSION) != 0) {
		*ret_reason = session_hindrance(arena, service);
		if (*ret_reason != NULL) {
			return WHY_NOT_DECLARED;
		}
	}
	if ((probe->needs & NEEDS_STORM) != 0 && profile->budget.load_frames_per_s <= 0) {
		*ret_reason = "the profile does not declare "
			      "'budget.load_frames_per_s', the load it allows";
		return WHY_NOT_DECLARED;
	}
	return WHY_NONE;
}
