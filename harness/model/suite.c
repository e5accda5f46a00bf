/* suite: reads the suites and policies of a data folder. */
#include "harness/model/suite.h"
#include "harness/model/folder.h"
#include "harness/model/suite_shape.h"

#include <string.h>

#include "harness/banned.h"

struct suites_reader {
	struct suites *suites;
	const struct catalogue *catalogue;
	struct check *checks;
	struct policy *policies;
	struct folder_digest digest;
	FILE *errors;
	bool failed;
};

static void check_ids(struct yaml_file *file, const struct yaml_node *list,
		      const struct catalogue *catalogue, bool cra)
{
	const struct yaml_node *id;
	bool known;

	for (id = list != NULL ? list->first : NULL; id != NULL; id = id->next) {
		known = cra ? catalogue_cra(catalogue, id->text) != NULL
			    : catalogue_requirement(catalogue, id->text) != NULL;
		if (!known) {
			yaml_mistake(file, id, "unknown %s '%s' in %s",
				     cra ? "CRA point" : "requirement", yaml_quote(id->text).s,
				     cra ? catalogue->cra_act : catalogue->edition);
		}
	}
}

void suite_check(struct yaml_file *file, const struct suite_file *suite,
		 const struct catalogue *catalogue)
{
	const struct yaml_node *edition = yaml_get(file->root, "catalogue");
	const struct yaml_node *check = yaml_get(file->root, "checks")->first;

	if (strcmp(suite->catalogue, catalogue->edition) != 0) {
		yaml_mistake(file, edition,
			     "the suite is written for '%s', the catalogue is "
			     "'%s'",
			     yaml_quote(suite->catalogue).s, catalogue->edition);
		return;
	}
	for (; check != NULL; check = check->next) {
		check_ids(file, yaml_get(check, "requirements"), catalogue, false);
		check_ids(file, yaml_get(check, "cra"), catalogue, true);
	}
}

static void add_check(struct suites_reader *reader, struct yaml_file *file,
		      const struct check *check)
{
	struct suites *suites = reader->suites;
	struct check *place;
	size_t i;

	for (i = 0; i < suites->check_count; i++) {
		if (strcmp(reader->checks[i].id, check->id) == 0) {
			yaml_mistake_at(file, check->row, check->column,
					"check '%s' is already at %s:%d", check->id,
					reader->checks[i].file, reader->checks[i].row);
			return;
		}
	}
	place = arena_push(suites->arena, &reader->checks, &suites->check_count, sizeof(*place));
	*place = *check;
}

static void add_suite(struct suites_reader *reader, struct yaml_file *file)
{
	struct suite_file suite = {0};
	size_t i;

	shape_read(&suite_shape, file, file->root, &suite);
	if (file->mistakes == 0) {
		suite_check(file, &suite, reader->catalogue);
	}
	for (i = 0; i < suite.count && file->mistakes == 0; i++) {
		struct check *check = &suite.checks[i];

		check->suite = suite.name;
		if (check->title == NULL) {
			check->title = check->ask != NULL ? check->ask : check->id;
		}
		add_check(reader, file, check);
	}
}

static void add_policy(struct suites_reader *reader, struct yaml_file *file)
{
	struct suites *suites = reader->suites;
	struct policy policy = {0};
	struct policy *place;
	size_t i;

	shape_read(&policy_shape, file, file->root, &policy);
	if (file->mistakes > 0) {
		return;
	}
	for (i = 0; i < suites->policy_count; i++) {
		if (strcmp(reader->policies[i].name, policy.name) == 0) {
			yaml_mistake(file, yaml_get(file->root, "policy"),
				     "there is already a policy '%s'", policy.name);
			return;
		}
	}
	place = arena_push(suites->arena, &reader->policies, &suites->policy_count, sizeof(*place));
	*place = policy;
}

static size_t read_folder(struct suites_reader *reader, const char *folder,
			  void (*add)(struct suites_reader *, struct yaml_file *))
{
	struct arena *arena = reader->suites->arena;
	const char *const *paths = NULL;
	struct yaml_file file;
	size_t count = 0, i;

	if (folder_list(arena, folder, reader->errors, &paths, &count) != 0) {
		reader->failed = true;
		return 0;
	}
	for (i = 0; i < count; i++) {
		if (yaml_read(arena, paths[i], false, reader->errors, &file) != 0) {
			reader->failed = true;
			continue;
		}
		add(reader, &file);
		folder_digest_add(&reader->digest, &file);
		reader->failed = reader->failed || file.mistakes > 0;
	}
	return count;
}

int suites_load(const char *data_dir, const struct catalogue *catalogue, FILE *errors,
		struct suites **ret)
{
	struct arena *arena = arena_new();
	struct suites *suites = arena_alloc(arena, sizeof(*suites));
	struct suites_reader reader = {.suites = suites, .catalogue = catalogue, .errors = errors};
	struct yaml_file place = {.path = data_dir, .errors = errors};
	struct text why = {""};

	suites->arena = arena;
	if (read_folder(&reader, data_dir, add_suite) == 0 && !reader.failed) {
		yaml_mistake_at(&place, 1, 1, "no suite (*.yaml) in the folder");
		reader.failed = true;
	}
	if (!reader.failed || suites->check_count > 0) {
		read_folder(&reader, arena_printf(arena, "%s/policies", data_dir), add_policy);
	}
	if (figures_load(arena, data_dir, &suites->figures, &why) != 0) {
		yaml_mistake_at(&place, 1, 1, "%s", why.s);
		reader.failed = true;
	}
	if (reader.failed) {
		arena_free(arena);
		return -1;
	}
	suites->checks = reader.checks;
	suites->policies = reader.policies;
	folder_digest_end(&reader.digest, suites->digest);
	*ret = suites;
	return 0;
}

void suites_free(struct suites *suites)
{
	if (suites != NULL) {
		arena_free(suites->arena);
	}
}
