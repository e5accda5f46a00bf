/* catalogue_shape: every key of the requirement and CRA files. */
#include "harness/model/catalogue_shape.h"

#include <string.h>

#include "harness/banned.h"

static const char *const kinds[] = {"CCSC", "CR", "RE", NULL};
static const char *const confidences[] = {"high", "medium", "low", NULL};
static const char *const testabilities[] = {"A", "S", "M", NULL};
static const char *const coverages[] = {"good", "partial", "process", "gap", NULL};

static int read_testability(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	if (node->kind != YAML_SCALAR || strlen(node->text) != 1 ||
	    strchr("ASM", node->text[0]) == NULL) {
		return yaml_mistake(file, node, "'testability' must be one of A, S, M");
	}
	*(char *)out = node->text[0];
	return 0;
}

#define TEXT(structure, name, flag, what)                                                   \
	{                                                                                   \
		.key = #name, .type = FIELD_TEXT, .flags = flag, FIELD_AT(structure, name), \
		.meaning = what                                                             \
	}

static const struct field component_fields[] = {
	TEXT(struct component_type, id, FIELD_REQUIRED, "the standard's abbreviation"),
	TEXT(struct component_type, word, FIELD_REQUIRED, "the word a profile uses"),
	TEXT(struct component_type, name, FIELD_REQUIRED, "the long name"),
	{0}};
static const struct shape component_shape = {"component type", component_fields,
					     sizeof(struct component_type), false, NULL};

static const struct field condition_fields[] = {
	{.key = "word",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct condition, word),
	 .read = field_is_id,
	 .meaning = "what requirements and profiles call it"},
	TEXT(struct condition, meaning, FIELD_REQUIRED, "what is true of a device that has it"),
	{0}};
static const struct shape condition_shape = {"condition", condition_fields,
					     sizeof(struct condition), false, NULL};

static const struct field requirement_fields[] = {
	TEXT(struct requirement, id, FIELD_REQUIRED, "identifier, unique within the edition"),
	TEXT(struct requirement, title, FIELD_REQUIRED, "title"),
	{.key = "kind",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct requirement, kind),
	 .words = kinds,
	 .meaning = "common constraint, requirement or enhancement"},
	TEXT(struct requirement, enhances, 0, "the requirement that an enhancement enhances"),
	{.key = "fr",
	 .type = FIELD_INT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct requirement, fr),
	 .min = 0,
	 .max = 7,
	 .meaning = "foundational requirement; 0: common constraint"},
	{.key = "components",
	 .type = FIELD_TEXTS,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct requirement, components),
	 .min = 1,
	 .max = 16,
	 .meaning = "component types that have it"},
	{.key = "lowest_level",
	 .type = FIELD_INT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct requirement, lowest_level),
	 .min = 0,
	 .max = 4,
	 .meaning = "lowest security level that selects it; 0: all"},
	TEXT(struct requirement, paraphrase, FIELD_REQUIRED, "what it asks for, in our own words"),
	{.key = "testability",
	 .type = FIELD_OTHER,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct requirement, testability),
	 .words = testabilities,
	 .read = read_testability,
	 .schema = "string",
	 .meaning = "A: automatic; S: semi-automatic; M: documents or "
		    "inspection"},
	TEXT(struct requirement, condition, 0,
	     "a device that lacks it need not meet the requirement"),
	{.key = "confidence",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct requirement, confidence),
	 .words = confidences,
	 .meaning = "how well sources agree on components and level"},
	{0}};
static const struct shape requirement_shape = {"requirement", requirement_fields,
					       sizeof(struct requirement), false, NULL};

static const struct field catalogue_fields[] = {
	TEXT(struct catalogue, edition, FIELD_REQUIRED, "the standard and its year"),
	{.key = "components",
	 .type = FIELD_LIST,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct catalogue, components),
	 FIELD_COUNT(struct catalogue, component_count),
	 .shape = &component_shape,
	 .min = 1,
	 .max = 16,
	 .meaning = "the component types"},
	{.key = "conditions",
	 .type = FIELD_LIST,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct catalogue, conditions),
	 FIELD_COUNT(struct catalogue, condition_count),
	 .shape = &condition_shape,
	 .min = 0,
	 .max = 64,
	 .meaning = "what requirements may depend on"},
	{.key = "requirements",
	 .type = FIELD_LIST,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct catalogue, requirements),
	 FIELD_COUNT(struct catalogue, requirement_count),
	 .shape = &requirement_shape,
	 .min = 1,
	 .max = 1000,
	 .meaning = "the requirements"},
	{0}};
const struct shape catalogue_shape = {"catalogue", catalogue_fields, sizeof(struct catalogue),
				      false, NULL};

static const struct field point_fields[] = {
	TEXT(struct cra_point, id, FIELD_REQUIRED, "our short identifier"),
	TEXT(struct cra_point, ref, FIELD_REQUIRED, "place in the act"),
	TEXT(struct cra_point, title, FIELD_REQUIRED, "our title"),
	TEXT(struct cra_point, paraphrase, FIELD_REQUIRED, "what it asks for, in our own words"),
	{.key = "coverage",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct cra_point, coverage),
	 .words = coverages,
	 .meaning = "how much of it IEC 62443 covers"},
	TEXT(struct cra_point, gap, 0, "what IEC 62443 leaves open"),
	{.key = "requirements",
	 .type = FIELD_TEXTS,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct cra_point, requirements),
	 .min = 0,
	 .max = 128,
	 .meaning = "requirements that serve it"},
	TEXT(struct cra_point, confidence, FIELD_REQUIRED, "how sure text and mapping are"),
	{0}};
static const struct shape point_shape = {"CRA point", point_fields, sizeof(struct cra_point), false,
					 NULL};

static const struct field cra_fields[] = {
	TEXT(struct cra_file, act, FIELD_REQUIRED, "the act's number"),
	TEXT(struct cra_file, crosswalk, FIELD_REQUIRED,
	     "edition of the requirements that the points name"),
	{.key = "points",
	 .type = FIELD_LIST,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct cra_file, points),
	 FIELD_COUNT(struct cra_file, count),
	 .shape = &point_shape,
	 .min = 1,
	 .max = 128,
	 .meaning = "the essential requirements of Annex I"},
	{0}};
const struct shape cra_shape = {"CRA file", cra_fields, sizeof(struct cra_file), false, NULL};
