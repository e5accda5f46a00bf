/* catalogue: reads the requirement file of an edition and the CRA file whose
 * crosswalk names that edition. */
#include "harness/model/catalogue.h"
#include "harness/model/catalogue_shape.h"
#include "harness/model/folder.h"

#include <string.h>

#include "harness/banned.h"

struct catalogue_files {
	struct yaml_file requirements, cra; /* root NULL: not found */
	const char *editions;               /* all that were seen, or NULL */
};

static bool has_text(const struct yaml_node *node, const char *text)
{
	return node != NULL && node->kind == YAML_SCALAR && strcmp(node->text, text) == 0;
}

/* Keeps a parsed file if it belongs to the edition. */
static int sort_in(struct catalogue_files *files, const struct yaml_file *file, const char *edition)
{
	const struct yaml_node *own = yaml_get(file->root, "edition");
	struct yaml_file *place = NULL;
	struct yaml_file here = *file;

	if (own != NULL && own->kind == YAML_SCALAR) {
		files->editions =
			files->editions == NULL
				? own->text
				: arena_printf(file->arena, "%s, %s", files->editions, own->text);
	}
	if (has_text(own, edition)) {
		place = &files->requirements;
	} else if (has_text(yaml_get(file->root, "crosswalk"), edition)) {
		place = &files->cra;
	} else if (own == NULL && yaml_get(file->root, "act") == NULL) {
		return yaml_mistake(&here, file->root,
				    "neither 'edition' nor 'act': not a file "
				    "of the catalogue");
	}
	if (place == NULL) {
		return 0;
	}
	if (place->root != NULL) {
		return yaml_mistake(&here, file->root, "'%s' is already in '%s'", edition,
				    place->path);
	}
	*place = *file;
	return 0;
}

static int find_files(struct arena *arena, const char *folder, const char *edition, FILE *errors,
		      struct catalogue_files *ret)
{
	struct yaml_file place = {.path = folder, .errors = errors}, file;
	const char *const *paths = NULL;
	size_t count = 0, i;

	if (folder_list(arena, folder, errors, &paths, &count) != 0) {
		return -1;
	}
	for (i = 0; i < count; i++) {
		if (yaml_read(arena, paths[i], false, errors, &file) != 0 ||
		    sort_in(ret, &file, edition) != 0) {
			return -1;
		}
	}
	if (ret->requirements.root == NULL) {
		return yaml_mistake_at(&place, 1, 1, "no catalogue of '%s'; there is: %s",
				       yaml_quote(edition).s,
				       ret->editions != NULL ? ret->editions : "none");
	}
	if (ret->cra.root == NULL) {
		return yaml_mistake_at(&place, 1, 1, "no CRA file with a crosswalk to '%s'",
				       yaml_quote(edition).s);
	}
	return 0;
}

static int read_files(struct catalogue_files *files, struct catalogue *catalogue)
{
	struct cra_file cra = {0};
	struct folder_digest digest = {0};

	shape_read(&catalogue_shape, &files->requirements, files->requirements.root, catalogue);
	if (files->requirements.mistakes == 0) {
		catalogue_check(&files->requirements, catalogue);
	}
	shape_read(&cra_shape, &files->cra, files->cra.root, &cra);
	if (files->requirements.mistakes == 0 && files->cra.mistakes == 0) {
		cra_check(&files->cra, catalogue);
	}
	catalogue->cra_act = cra.act;
	catalogue->cra = cra.points;
	catalogue->cra_count = cra.count;
	folder_digest_add(&digest, &files->requirements);
	folder_digest_add(&digest, &files->cra);
	folder_digest_end(&digest, catalogue->digest);
	return files->requirements.mistakes + files->cra.mistakes > 0 ? -1 : 0;
}

int catalogue_load(const char *data_dir, const char *edition, FILE *errors, struct catalogue **ret)
{
	struct arena *arena = arena_new();
	struct catalogue *catalogue = arena_alloc(arena, sizeof(*catalogue));
	struct catalogue_files files = {0};
	const char *folder = arena_printf(arena, "%s/catalogue", data_dir);

	if (find_files(arena, folder, edition, errors, &files) != 0 ||
	    read_files(&files, catalogue) != 0) {
		arena_free(arena);
		return -1;
	}
	catalogue->arena = arena;
	*ret = catalogue;
	return 0;
}

void catalogue_free(struct catalogue *catalogue)
{
	if (catalogue != NULL) {
		arena_free(catalogue->arena);
	}
}

const struct requirement *catalogue_requirement(const struct catalogue *catalogue, const char *id)
{
	size_t i;

	for (i = 0; i < catalogue->requirement_count; i++) {
		if (strcmp(catalogue->requirements[i].id, id) == 0) {
			return &catalogue->requirements[i];
		}
	}
	return NULL;
}

const struct cra_point *catalogue_cra(const struct catalogue *catalogue, const char *id)
{
	size_t i;

	for (i = 0; i < catalogue->cra_count; i++) {
		if (strcmp(catalogue->cra[i].id, id) == 0) {
			return &catalogue->cra[i];
		}
	}
	return NULL;
}

bool requirement_applies(const struct requirement *requirement, const char *component)
{
	const char *const *type;

	for (type = requirement->components; *type != NULL; type++) {
		if (strcmp(*type, component) == 0) {
			return true;
		}
	}
	return false;
}
