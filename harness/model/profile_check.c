/* profile_check: the parts of a profile compared with each other: names that
 * are unique, names that exist, ports that do not contradict. */
#include "harness/model/profile_shape.h"

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

void profile_check(struct yaml_file *file, const struct profile *profile)
{
	const struct essential_function *function;
	size_t i, j;

	check_names(file, "services", "name");
	check_names(file, "accounts", "name");
	check_names(file, "essential_functions", "name");
	check_names(file, "absent", "condition");
	check_ports(file, profile);
	for (i = 0; i < profile->function_count; i++) {
		function = &profile->functions[i];
		for (j = 0; j < function->with_count; j++) {
			check_setting(file, profile, &function->with[j]);
		}
	}
}
