/* catalogue_check: the parts of a catalogue compared with each other. */
#include "harness/model/catalogue_shape.h"

#include <string.h>

#include "harness/banned.h"

static void check_unique(struct yaml_file *file, const struct yaml_node *list)
{
	const struct yaml_node *item, *other;

	for (item = list->first; item != NULL; item = item->next) {
		const struct yaml_node *id = yaml_get(item, "id");

		for (other = list->first; other != item; other = other->next) {
			if (strcmp(yaml_get(other, "id")->text, id->text) == 0) {
				yaml_mistake(file, id, "'%s' is already on line %d", id->text,
					     other->row);
				break;
			}
		}
	}
}

static bool has_component(const struct catalogue *catalogue, const char *id)
{
	size_t i;

	for (i = 0; i < catalogue->component_count; i++) {
		if (strcmp(catalogue->components[i].id, id) == 0) {
			return true;
		}
	}
	return false;
}

static bool has_condition(const struct catalogue *catalogue, const char *word)
{
	size_t i;

	for (i = 0; i < catalogue->condition_count; i++) {
		if (strcmp(catalogue->conditions[i].word, word) == 0) {
			return true;
		}
	}
	return false;
}

static void check_base(struct yaml_file *file, const struct catalogue *catalogue,
		       const struct requirement *requirement, const struct yaml_node *node)
{
	const struct requirement *base = NULL;
	bool enhancement = strcmp(requirement->kind, "RE") == 0;

	if (enhancement != (requirement->enhances != NULL)) {
		yaml_mistake(file, node,
			     "'%s' must have 'enhances' exactly if its kind is "
			     "RE",
			     requirement->id);
		return;
	}
	if (!enhancement) {
		return;
	}
	base = catalogue_requirement(catalogue, requirement->enhances);
	if (base == NULL || base->enhances != NULL) {
		yaml_mistake(file, yaml_get(node, "enhances"),
			     "there is no requirement '%s' to enhance", requirement->enhances);
	}
}

static void check_requirement(struct yaml_file *file, const struct catalogue *catalogue,
			      const struct requirement *requirement, const struct yaml_node *node)
{
	const struct yaml_node *component;
	bool common = strcmp(requirement->kind, "CCSC") == 0;

	check_base(file, catalogue, requirement, node);
	if (common != (requirement->fr == 0) || common != (requirement->lowest_level == 0)) {
		yaml_mistake(file, node,
			     "'%s' must have 'fr' and 'lowest_level' 0 exactly "
			     "if its kind is CCSC",
			     requirement->id);
	}
	for (component = yaml_get(node, "components")->first; component != NULL;
	     component = component->next) {
		if (!has_component(catalogue, component->text)) {
			yaml_mistake(file, component, "unknown component type '%s'",
				     yaml_quote(component->text).s);
		}
	}
	if (requirement->condition != NULL && !has_condition(catalogue, requirement->condition)) {
		yaml_mistake(file, yaml_get(node, "condition"), "unknown condition '%s'",
			     yaml_quote(requirement->condition).s);
	}
}

void catalogue_check(struct yaml_file *file, const struct catalogue *catalogue)
{
	const struct requirement *requirement = catalogue->requirements;
	const struct yaml_node *list = yaml_get(file->root, "requirements");
	const struct yaml_node *node;

	check_unique(file, list);
	check_unique(file, yaml_get(file->root, "components"));
	for (node = list->first; node != NULL; node = node->next) {
		check_requirement(file, catalogue, requirement, node);
		requirement++;
	}
}

void cra_check(struct yaml_file *file, const struct catalogue *catalogue)
{
	const struct yaml_node *list = yaml_get(file->root, "points");
	const struct yaml_node *point, *id;

	check_unique(file, list);
	for (point = list->first; point != NULL; point = point->next) {
		for (id = yaml_get(point, "requirements")->first; id != NULL; id = id->next) {
			if (catalogue_requirement(catalogue, id->text) == NULL) {
				yaml_mistake(file, id, "unknown requirement '%s' in %s",
					     yaml_quote(id->text).s, catalogue->edition);
			}
		}
	}
}
