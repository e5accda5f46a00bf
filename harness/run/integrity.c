/* integrity: compares a run's directory with its journal. */
#define _GNU_SOURCE
#include "harness/run/integrity.h"
#include "harness/base/digest.h"
#include "harness/model/run_files.h"
#include "harness/run/anchor.h"
#include "harness/run/run.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

#define EVIDENCE_FOLDER "evidence"
/* evidence/<observation>/attempt-N/<file> */
#define MOST_DEPTH 4

static const char *text_of(const json_t *record, const char *name)
{
	const char *text = json_string_value(json_object_get(record, name));

	return text == NULL ? "" : text;
}

static bool is(const json_t *record, const char *type)
{
	return strcmp(text_of(record, "type"), type) == 0;
}

/* Anything after an end opens the run again. */
static bool has_ended(const struct journal_text *journal)
{
	return journal->count > 0 && is(journal->records[journal->count - 1], "end");
}

/* --- the files of the run's start ------------------------------------------------- */

/* The last record 'run': answers may come while a run goes on. */
static const json_t *last_run(const struct journal_text *journal)
{
	size_t i = journal->count;

	while (i > 0) {
		if (is(journal->records[--i], "run")) {
			return journal->records[i];
		}
	}
	return NULL;
}

/* digest "": the run had none. NULL: the journal does not say. */
static int compare_file(const char *directory, const char *name, const char *digest,
			struct text *why)
{
	char path[4200];
	struct digest now;

	if (digest == NULL) {
		return 0;
	}
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (digest[0] == '\0') {
		return access(path, F_OK) != 0
			       ? 0
			       : text_error(why, "'%s' was added: the run had no such file", path);
	}
	if (access(path, F_OK) != 0) {
		return text_error(why, "'%s' is missing", path);
	}
	if (digest_file(path, &now, why) != 0) {
		return -1;
	}
	if (strcmp(now.hex, digest) != 0) {
		return text_error(why, "'%s' was changed: it is not what the journal says", path);
	}
	return 0;
}

/* The answers are the last, and not compared where count is 2. */
static int compare_start(const char *directory, const struct journal_text *journal, size_t count,
			 struct text *why)
{
	static const struct {
		const char *name, *member;
	} files[] = {
		{"profile.yaml", "profile"},
		{"plan.json", "plan_file"},
		{RUN_ANSWERS, "answers"},
	};
	const json_t *run = last_run(journal);
	size_t i;

	for (i = 0; run != NULL && i < count; i++) {
		if (compare_file(directory, files[i].name,
				 json_string_value(json_object_get(run, files[i].member)),
				 why) != 0) {
			return -1;
		}
	}
	return 0;
}

int integrity_start(const char *directory, const struct journal_text *journal,
		    struct digest *ret_plan_file, struct text *why)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/plan.json", directory);
	return compare_start(directory, journal, 2, why) != 0 ||
			       digest_file(path, ret_plan_file, why) != 0
		       ? -1
		       : 0;
}

/* --- evidence ---------------------------------------------------------------------- */

/* Forgets what was only found there: each list of such files names all of them anew. */
static void drop_loose(json_t *files)
{
	const char *path;
	json_t *entry;
	void *next;

	json_object_foreach_safe(files, next, path, entry)
	{
		if (json_is_true(json_object_get(entry, "loose"))) {
			json_object_del(files, path);
		}
	}
}

static void add_files(json_t *files, const json_t *list, bool loose)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		json_t *entry = json_deep_copy(json_array_get(list, i));

		json_object_set_new(entry, "loose", json_boolean(loose));
		json_object_set_new(files, text_of(entry, "path"), entry);
	}
}

/* All of the journal's files by path: {path: {sha256, size, loose}}. loose: named only because it
 * was found there, as a hook's output, which grows, or what a monitor said, which goes when it was
 * nothing. */
static json_t *index_files(const struct journal_text *journal)
{
	json_t *files = json_object();
	const json_t *found;
	size_t i;

	for (i = 0; i < journal->count; i++) {
		add_files(files, json_object_get(journal->records[i], "evidence"), false);
		found = json_object_get(journal->records[i], "unrecorded");
		if (found != NULL) {
			drop_loose(files);
			add_files(files, found, true);
		}
	}
	return files;
}

static bool path_is_plain(const char *path)
{
	return strncmp(path, EVIDENCE_FOLDER "/", sizeof(EVIDENCE_FOLDER)) == 0 &&
	       strstr(path, "..") == NULL;
}

static int compare_entry(const char *directory, const char *path, const json_t *entry,
			 struct text *why)
{
	char full[4200];
	struct digest now;
	struct stat status;

	snprintf(full, sizeof(full), "%s/%s", directory, path);
	if (!path_is_plain(path)) {
		return text_error(why, "the journal names '%s' as evidence", path);
	}
	if (lstat(full, &status) != 0) {
		return text_error(why, "'%s' is missing: %s", full, strerror(errno));
	}
	if (!S_ISREG(status.st_mode) || digest_file(full, &now, why) != 0) {
		return text_error(why, "'%s' is not a file that can be read", full);
	}
	if (strcmp(now.hex, text_of(entry, "sha256")) != 0) {
		return text_error(why, "'%s' was changed: it is not what the journal says", full);
	}
	return 0;
}

static int compare_entries(const char *directory, json_t *files, bool ended, struct text *why)
{
	const char *path;
	json_t *entry;

	json_object_foreach(files, path, entry)
	{
		bool loose = json_is_true(json_object_get(entry, "loose"));

		/* a run that goes on, or was cut off, goes on with these */
		if (!(loose && !ended) && compare_entry(directory, path, entry, why) != 0) {
			return -1;
		}
	}
	return 0;
}

/* Every file below RUN/path, as paths in an array. */
static void list_files(const char *directory, const char *path, int depth, json_t *ret)
{
	char full[4200], below[4200];
	struct dirent *entry;
	struct stat status;
	DIR *folder;

	snprintf(full, sizeof(full), "%s/%s", directory, path);
	folder = depth > MOST_DEPTH ? NULL : opendir(full);
	if (folder == NULL) {
		return;
	}
	for (entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
			continue;
		}
		snprintf(below, sizeof(below), "%.2000s/%s", path, entry->d_name);
		snprintf(full, sizeof(full), "%.2000s/%.2100s", directory, below);
		if (lstat(full, &status) == 0 && S_ISDIR(status.st_mode)) {
			list_files(directory, below, depth + 1, ret);
		} else {
			json_array_append_new(ret, json_string(below));
		}
	}
	closedir(folder);
}

static const char *first_unknown(const json_t *listed, const json_t *files)
{
	size_t i;

	for (i = 0; i < json_array_size(listed); i++) {
		const char *path = json_string_value(json_array_get(listed, i));

		if (path == NULL || json_object_get(files, path) == NULL) {
			return path == NULL ? "a file whose name is no text" : path;
		}
	}
	return NULL;
}

json_t *integrity_unrecorded(const char *directory, const struct journal_text *journal)
{
	json_t *files = index_files(journal), *listed = json_array(), *result = json_array();
	char full[4200];
	struct digest digest;
	struct stat status;
	size_t i;

	list_files(directory, EVIDENCE_FOLDER, 1, listed);
	for (i = 0; i < json_array_size(listed); i++) {
		const char *path = json_string_value(json_array_get(listed, i));
		const json_t *known = path == NULL ? NULL : json_object_get(files, path);

		if (path == NULL ||
		    (known != NULL && !json_is_true(json_object_get(known, "loose")))) {
			continue;
		}
		snprintf(full, sizeof(full), "%s/%s", directory, path);
		if (lstat(full, &status) == 0 && S_ISREG(status.st_mode) &&
		    digest_file(full, &digest, NULL) == 0) {
			json_array_append_new(result, json_pack("{s:s,s:s,s:I}", "path", path,
								"sha256", digest.hex, "size",
								(json_int_t)status.st_size));
		}
	}
	json_decref(listed);
	json_decref(files);
	return result;
}

/* --- all of it --------------------------------------------------------------------- */

struct lines {
	struct arena *arena;
	struct setting_text *at;
	size_t count;
};

static void add_line(struct lines *lines, const char *name, const char *value)
{
	*(struct setting_text *)arena_push(lines->arena, &lines->at, &lines->count,
					   sizeof(*lines->at)) =
		(struct setting_text){.name = name, .value = arena_strdup(lines->arena, value)};
}

static int compare_anchors(const char *directory, const struct journal_text *journal,
			   struct lines *lines, struct text *why)
{
	static const char *const words[] = {
		[ANCHOR_NONE] = "the anchor in the run directory vouches for the journal's end; on "
				"this machine, or for this user, there is none outside of it: that "
				"somebody edited the directory as a whole cannot be excluded",
		[ANCHOR_HOLDS] = "the anchor in the run directory and that of this machine outside "
				 "of it vouch for the journal's end",
		[ANCHOR_LOST] = "the machine was restarted before the run had an end: its last "
				"records are vouched for by nothing",
	};
	const char *id = journal_run_id(journal);
	enum anchor_found outside;
	struct anchor anchor;

	if (id == NULL) {
		add_line(lines, "journal's end",
			 "nothing vouches for it: the journal gives the run no id");
		return 0;
	}
	anchor_find(directory, id, &anchor);
	if (anchor_check(&anchor, journal, &outside, why) != 0) {
		return -1;
	}
	add_line(lines, "journal's end", words[outside]);
	return 0;
}

static int compare_evidence(const char *directory, const struct journal_text *journal,
			    struct lines *lines, struct text *why)
{
	json_t *files = index_files(journal), *listed = json_array();
	bool ended = has_ended(journal);
	const char *unknown;
	int result = compare_entries(directory, files, ended, why);

	list_files(directory, EVIDENCE_FOLDER, 1, listed);
	unknown = first_unknown(listed, files);
	if (result == 0 && unknown != NULL && ended) {
		result = text_error(why, "'%s/%s' was added: no record of the journal names it",
				    directory, unknown);
	}
	if (result == 0 && unknown != NULL) {
		add_line(lines, "files of no record",
			 "the run was cut off, and left files that no record names; no verdict "
			 "rests on them");
	}
	json_decref(listed);
	json_decref(files);
	return result;
}

int integrity_check(const char *directory, const struct journal_text *journal, struct arena *arena,
		    struct integrity *ret, struct text *why)
{
	struct lines lines = {.arena = arena};

	if (compare_start(directory, journal, 3, why) != 0 ||
	    compare_anchors(directory, journal, &lines, why) != 0 ||
	    compare_evidence(directory, journal, &lines, why) != 0) {
		return -1;
	}
	ret->lines = lines.at;
	ret->count = lines.count;
	return 0;
}
