/* observation: what makes one execution of a probe the same as another, what
 * it is called, and what in the profile stands in its way. */
#include "harness/plan/scope.h"

#include "harness/base/digest.h"
#include <ctype.h>
#include <string.h>

#include "harness/banned.h"

#define LONGEST_SUFFIX 24

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

bool slug_safe(const char *text)
{
	return text[0] != '\0' && strlen(text) <= LONGEST_SUFFIX &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

static bool only_text(const struct probe *probe)
{
	size_t i, texts = 0;

	for (i = 0; probe->params[i].name != NULL; i++) {
		texts += probe->params[i].type == PARAM_TEXT;
	}
	return texts == 1;
}

/* The text where it is short and plain, else a digest of it. */
static const char *short_word(struct arena *arena, const char *text)
{
	return slug_safe(text) ? text : short_digest(arena, text);
}

static bool usual(const struct profile *profile, const struct param_def *def,
		  const struct param_value *value)
{
	switch (def->type) {
	case PARAM_SERVICE:
	case PARAM_FUNCTION:
		return true; /* the id names its target already */
	case PARAM_ACCOUNT:
		return value->account == NULL || value->account == profile_disposable(profile);
	case PARAM_INT:
	case PARAM_BOOL:
	case PARAM_TEXT:
		break;
	}
	return def->fallback != NULL && strcmp(def->fallback, value->text) == 0;
}

/* What a parameter adds to the id: "" for the usual value. */
static const char *suffix(struct arena *arena, const struct profile *profile,
			  const struct probe *probe, size_t i, const struct param_value *value)
{
	const struct param_def *def = &probe->params[i];

	if (usual(profile, def, value)) {
		return "";
	}
	if (def->type == PARAM_BOOL && value->yes) {
		return arena_printf(arena, ".%s", def->name);
	}
	if (def->type == PARAM_TEXT && slug_safe(value->text) && only_text(probe)) {
		return arena_printf(arena, ".%s", value->text);
	}
	return arena_printf(arena, ".%s-%s", def->name, short_word(arena, value->text));
}

const char *observation_target(const struct params *params)
{
	size_t i;

	for (i = 0; i < params->count; i++) {
		if (params->at[i].function != NULL) {
			return params->at[i].function->name;
		}
		if (params->at[i].service != NULL) {
			return params->at[i].service->name;
		}
	}
	return "";
}

const char *observation_id(struct arena *arena, const struct profile *profile,
			   const struct probe *probe, const struct params *params)
{
	const char *target = observation_target(params);
	const char *id = probe->id;
	size_t i;

	if (target[0] != '\0') {
		id = arena_printf(arena, "%s@%s", id, scope_slug(arena, profile, target));
	}
	for (i = 0; i < params->count; i++) {
		id = arena_printf(arena, "%s%s", id,
				  suffix(arena, profile, probe, i, &params->at[i]));
	}
	return id;
}

const char *observation_key(struct arena *arena, const struct probe *probe,
			    const struct params *params)
{
	const char *key = probe->id;
	size_t i;

	for (i = 0; i < params->count; i++) {
		key = arena_printf(arena, "%s\n%s", key, params->at[i].text);
	}
	return key;
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
	if ((probe->needs & NEEDS_SECOND_SOURCE) != 0 && profile->link.witness.s_addr == 0) {
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
	if ((probe->needs & NEEDS_LOGIN) != 0 && (service == NULL || service->login.ok == NULL)) {
		*ret_reason = arena_printf(arena,
					   "the profile does not declare 'login' for service "
					   "'%s'",
					   service == NULL ? "" : service->name);
		return WHY_NOT_DECLARED;
	}
	if ((probe->needs & NEEDS_STORM) != 0 && profile->budget.load_frames_per_s <= 0) {
		*ret_reason = "the profile does not declare "
			      "'budget.load_frames_per_s', the load it allows";
		return WHY_NOT_DECLARED;
	}
	return WHY_NONE;
}
