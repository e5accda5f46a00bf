/* profile_check: the parts of a profile compared with each other: names that
 * are unique, names that exist, ports that do not contradict. */
#include "harness/model/profile_shape.h"
#include "harness/model/protocol.h"

#include <string.h>

#include "harness/banned.h"

static const struct yaml_node *list_of(const struct yaml_file *file, const char *key)
{
	return yaml_get(file->root, key);
}

/* Names are unique within a list of mappings that all have one. */
static void check_names(struct yaml_file *file, const char *list, const char *key)
{
	const struct yaml_node *all = list_of(file, list), *item, *other;

	if (all == NULL) {
		return;
	}
	for (item = all->first; item != NULL; item = item->next) {
		for (other = all->first; other != item; other = other->next) {
			const struct yaml_node *name = yaml_get(item, key);

			if (strcmp(name->text, yaml_get(other, key)->text) == 0) {
				yaml_mistake(file, name, "'%s' is already on line %d",
					     yaml_quote(name->text).s, other->row);
				break;
			}
		}
	}
}

static void check_ports(struct yaml_file *file, const struct profile *profile)
{
	const struct yaml_node *item;
	const struct service *service = profile->services;
	size_t i;

	if (list_of(file, "services") == NULL) {
		return;
	}
	for (item = list_of(file, "services")->first; item != NULL; item = item->next, service++) {
		for (i = 0; i < profile->link.exclude_count; i++) {
			if (profile->link.exclude_ports[i] != service->port) {
				continue;
			}
			yaml_mistake(file, item,
				     "service '%s' is at port %d, which "
				     "'exclude_ports' forbids to touch",
				     service->name, service->port);
			break;
		}
	}
}

/* A word of its own is taken, since profiles outlive lists; but it may be a slip, and then
 * nothing would be looked at. */
static void check_protocols(struct yaml_file *file)
{
	const struct yaml_node *list = list_of(file, "services"), *item, *word;
	const char *nearest;

	for (item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
		word = yaml_get(item, "protocol");
		if (protocol_name(word->text) != NULL) {
			continue;
		}
		nearest = yaml_nearest(word->text, protocol_words);
		yaml_warning(file, word,
			     "warning: '%s' is no known protocol%s%s%s: no check will look into "
			     "this service; one that has no word is 'other'",
			     yaml_quote(word->text).s, nearest == NULL ? "" : " (did you mean '",
			     nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?)");
	}
}

/* A service's account, and an account's services, are declared ones. */
static void check_logins(struct yaml_file *file, const struct profile *profile)
{
	const struct yaml_node *list = list_of(file, "services"), *item, *name;

	for (item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
		name = yaml_get(item, "account");
		if (name != NULL && profile_account(profile, name->text) == NULL) {
			yaml_mistake(file, name,
				     "unknown account '%s'; 'accounts' has none of that name",
				     yaml_quote(name->text).s);
		}
	}
	list = list_of(file, "accounts");
	for (item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
		name = yaml_get(item, "services");
		for (name = name == NULL ? NULL : name->first; name != NULL; name = name->next) {
			if (profile_service(profile, name->text) == NULL) {
				yaml_mistake(
					file, name,
					"unknown service '%s'; 'services' has none of that name",
					yaml_quote(name->text).s);
			}
		}
	}
}

static const struct account *disposable(const struct profile *profile)
{
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		if (profile->accounts[i].disposable) {
			return &profile->accounts[i];
		}
	}
	return NULL;
}

static void check_setting(struct yaml_file *file, const struct profile *profile,
			  const struct setting *setting)
{
	const char *value = setting->value;

	if (value == NULL) {
		return; /* a list or mapping: the plan says what the monitor takes */
	}
	if (strcmp(setting->name, "service") == 0 && profile_service(profile, value) == NULL) {
		yaml_mistake_at(file, setting->row, setting->column,
				"unknown service '%s'; 'services' has none of "
				"that name",
				yaml_quote(value).s);
	}
	if (strcmp(setting->name, "account") == 0 && profile_account(profile, value) == NULL &&
	    !(strcmp(value, "disposable") == 0 && disposable(profile) != NULL)) {
		yaml_mistake_at(file, setting->row, setting->column,
				"unknown account '%s'; 'accounts' has none of "
				"that name",
				yaml_quote(value).s);
	}
}

/* The tester's addresses: each name once in a family, none the device's, and
 * the monitors' their own. */
static void check_sources(struct yaml_file *file, const struct profile *profile)
{
	static const char *const others[] = {"main", "witness"};
	const struct yaml_node *list = list_of(file, "sources"), *item;
	const struct source *source = profile->sources, *other;
	const struct address *taken;
	bool local = address_is_loopback(&profile->link.address);
	size_t i;

	for (item = list == NULL ? NULL : list->first; item != NULL; item = item->next, source++) {
		if (!local && profile_has_address(profile, &source->address)) {
			yaml_mistake(file, item, "source '%s' is the device's own address",
				     source->name);
		}
		for (other = profile->sources; other != source; other++) {
			if (strcmp(other->name, source->name) == 0 &&
			    other->address.family == source->address.family) {
				yaml_mistake(file, item, "source '%s' has two %s addresses",
					     source->name,
					     address_family_word(source->address.family));
				break;
			}
		}
		for (i = 0; i < ARRAY_SIZE(others) && strcmp(source->name, "monitor") == 0; i++) {
			taken = profile_source(profile, others[i], source->address.family);
			if (taken != NULL && address_equal(taken, &source->address)) {
				yaml_mistake(file, item,
					     "the monitors' source is that of '%s' too: what "
					     "blocks one would block both",
					     others[i]);
			}
		}
	}
}

/* The short form and the long one may say the same, not different things. */
static void check_short_form(struct yaml_file *file, const struct profile *profile,
			     const char *name, const struct address *given)
{
	const struct address *declared = profile_source(profile, name, given->family);

	if (address_given(given) && declared != NULL && !address_equal(declared, given)) {
		yaml_mistake(file, list_of(file, "sources"),
			     "source '%s' is %s here and %s in 'link'", name,
			     address_text(declared).s, address_text(given).s);
	}
}

void profile_check(struct yaml_file *file, const struct profile *profile)
{
	const struct essential_function *function;
	size_t i, j;

	check_names(file, "services", "name");
	check_names(file, "accounts", "name");
	check_names(file, "essential_functions", "name");
	check_names(file, "absent", "condition");
	check_ports(file, profile);
	check_protocols(file);
	check_logins(file, profile);
	check_sources(file, profile);
	check_short_form(file, profile, "main", &profile->link.source);
	check_short_form(file, profile, "witness", &profile->link.witness);
	for (i = 0; i < profile->function_count; i++) {
		function = &profile->functions[i];
		for (j = 0; j < function->with_count; j++) {
			check_setting(file, profile, &function->with[j]);
		}
	}
}
