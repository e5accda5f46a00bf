/*
 * run_folder: the run's folder and what it holds beside journal and evidence:
 * all that judging the run needs when the profile is gone, and the ledger of
 * what was spent.
 */
#define _GNU_SOURCE
#include "harness/run/run_folder.h"
#include "harness/base/digest.h"
#include "harness/model/run_files.h"
#include "harness/run/evidence.h"
#include "harness/run/integrity.h"
#include "harness/run/records.h"
#include "harness/run/runner.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness/banned.h"

enum { EXIT_DATA = 2, EXIT_LOST = 3 };

/* --- copies ------------------------------------------------------------------ */

static int copy_bytes(FILE *from, FILE *to)
{
	char bytes[65536];
	size_t size;

	do {
		size = fread(bytes, 1, sizeof(bytes), from);
	} while (size > 0 && fwrite(bytes, 1, size, to) == size);
	return ferror(from) || ferror(to) || !feof(from) ? -1 : 0;
}

/* Copies the file beside its place and renames it, so that no half of it is
 * ever there under its name. Returns 0 or -1 with why. */
static int copy_file(const char *source, const char *path, struct text *why)
{
	char beside[4100];
	FILE *from = fopen(source, "re"), *to = NULL;
	int result = -1;

	if (from == NULL) {
		return text_error(why, "cannot open '%s': %s", source, strerror(errno));
	}
	snprintf(beside, sizeof(beside), "%s.new", path);
	to = fopen(beside, "we");
	if (to != NULL) {
		result = copy_bytes(from, to);
		result = fclose(to) != 0 ? -1 : result;
	}
	fclose(from);
	if (result == 0) {
		result = rename(beside, path);
	}
	if (result != 0) {
		text_error(why, "cannot copy '%s' to '%s': %s", source, path, strerror(errno));
		unlink(beside);
	}
	return result;
}

/* Copies a file that must still be what was read: its digest is the run's. */
static int copy_as_read(const char *source, const char *digest, const char *path, struct text *why)
{
	struct digest copied;

	if (copy_file(source, path, why) != 0 || digest_file(path, &copied, why) != 0) {
		return -1;
	}
	if (strcmp(copied.hex, digest) != 0) {
		return text_error(why, "'%s' has changed since it was read", source);
	}
	return 0;
}

static int keep_profile(const struct runner *runner, struct text *why)
{
	const struct profile *profile = runner->plan->profile;
	char path[4096];

	snprintf(path, sizeof(path), "%s/profile.yaml", runner->options->directory);
	return copy_as_read(profile->path, profile->digest, path, why);
}

static int keep_plan(struct runner *runner, struct text *why)
{
	char path[4096];
	json_t *plan = plan_to_json(runner->plan);
	int result;

	snprintf(path, sizeof(path), "%s/plan.json", runner->options->directory);
	result = json_dump_file(plan, path, JSON_SORT_KEYS | JSON_INDENT(2));
	json_decref(plan);
	if (result != 0) {
		return text_error(why, "cannot write '%s': %s", path, strerror(errno));
	}
	return digest_file(path, &runner->plan_file, why);
}

/* --- answers ------------------------------------------------------------------ */

/* Fills ret with the digest in lower case, which is a safe file name. */
static bool digest_name(const char *digest, char ret[65])
{
	size_t i;

	for (i = 0; digest != NULL && isxdigit((unsigned char)digest[i]) && i < 64; i++) {
		ret[i] = (char)tolower((unsigned char)digest[i]);
	}
	ret[i < 64 ? 0 : 64] = '\0';
	return i == 64 && digest[64] == '\0';
}

/* What is missing or has changed is not kept, and the judge says so. */
static int keep_answer_evidence(const struct runner *runner, const struct answer *answer,
				struct text *why)
{
	const char *directory = runner->options->directory;
	char path[4096], name[65];
	struct digest digest;

	if (answer->evidence == NULL || !digest_name(answer->evidence_sha256, name) ||
	    digest_file(answer->evidence, &digest, NULL) != 0 || strcmp(digest.hex, name) != 0) {
		return 0;
	}
	snprintf(path, sizeof(path), "%s/" RUN_ANSWERS_EVIDENCE, directory);
	if (folder_make(path, why) != 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/" RUN_ANSWERS_EVIDENCE "/%s", directory, name);
	if (digest_file(path, &digest, NULL) == 0 && strcmp(digest.hex, name) == 0) {
		return 0;
	}
	return copy_as_read(answer->evidence, name, path, why);
}

/* Answers may be given while the run goes on: every part of a run keeps them
 * as they are then. */
static int keep_answers(const struct runner *runner, struct text *why)
{
	const struct profile *profile = runner->plan->profile;
	char path[4096];
	size_t i;

	if (profile->answers_path == NULL) {
		return 0;
	}
	snprintf(path, sizeof(path), "%s/" RUN_ANSWERS, runner->options->directory);
	if (copy_as_read(profile->answers_path, profile->answers_digest, path, why) != 0) {
		return -1;
	}
	for (i = 0; i < profile->answer_count; i++) {
		if (keep_answer_evidence(runner, &profile->answers[i], why) != 0) {
			return -1;
		}
	}
	return 0;
}

/* --- the ledger ---------------------------------------------------------------- */

static int64_t lines_in(int fd)
{
	char bytes[4096];
	int64_t lines = 0;
	off_t at = 0;
	ssize_t got, i;

	while ((got = pread(fd, bytes, sizeof(bytes), at)) > 0) {
		for (i = 0; i < got; i++) {
			lines += bytes[i] == '\n';
		}
		at += got;
	}
	return lines;
}

/* A ledger that knows of less than the journal was tampered with, and would
 * hand out a budget that is spent. */
static int open_ledger(struct runner *runner, struct text *why)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/" LEDGER_NAME, runner->options->directory);
	runner->ledger_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (runner->ledger_fd < 0) {
		return text_error(why, "cannot open '%s': %s", path, strerror(errno));
	}
	if (lines_in(runner->ledger_fd) < runner->spent) {
		return text_error(why,
				  "'%s' holds less than the %lld failed logins "
				  "and writes that the journal knows of; name "
				  "another folder for a new run",
				  path, (long long)runner->spent);
	}
	return 0;
}

/* --- what earlier parts left ------------------------------------------------------ */

/* A journal that is empty where the anchor knows of records was emptied. */
static int look_at_anchor(struct runner *runner, const struct journal_text *journal,
			  struct text *why)
{
	const char *directory = runner->options->directory, *id = journal_run_id(journal);
	enum anchor_found outside;
	char left[RUN_ID_SIZE];

	if (id == NULL && journal->count == 0 && anchor_id_left(directory, left)) {
		id = left;
	}
	if (id == NULL) {
		anchor_id(left);
		anchor_find(directory, left, &runner->anchor);
		return 0;
	}
	anchor_find(directory, id, &runner->anchor);
	return anchor_check(&runner->anchor, journal, &outside, why);
}

/* Goes on with what is there, if it is what the journal says. */
static int take_up(struct runner *runner, struct text *why)
{
	const char *directory = runner->options->directory;
	struct journal_text journal;
	int result;

	if (journal_read(directory, &journal, why) != 0) {
		return -1;
	}
	result = records_resume(runner, &journal, why);
	if (result == 0) {
		result = look_at_anchor(runner, &journal, why);
	}
	if (result == 0 && runner->resumed) {
		result = integrity_start(directory, &journal, &runner->plan_file, why);
		runner->unrecorded = integrity_unrecorded(directory, &journal);
	}
	if (result != 0) {
		text_prefix(why, "the run cannot go on");
	}
	journal_text_release(&journal);
	return result;
}

/* --- the folder ---------------------------------------------------------------- */

/* What could not be kept: the bench's fault where the disk is full. */
static int not_kept(const char *directory)
{
	struct statvfs disk;

	return statvfs(directory, &disk) == 0 && disk.f_bavail < 4 ? EXIT_LOST : EXIT_DATA;
}

int run_folder_open(struct runner *runner, struct text *why)
{
	const char *directory = runner->options->directory;
	char path[4096];

	if (folder_make(directory, why) != 0) {
		return EXIT_DATA;
	}
	snprintf(path, sizeof(path), "%s/" QUARANTINE_NAME, directory);
	if (access(path, F_OK) == 0) {
		text_error(why,
			   "the device is quarantined since an earlier part "
			   "of this run; look at it, then delete '%s'",
			   path);
		return EXIT_LOST;
	}
	runner->journal = journal_open(directory, why);
	if (runner->journal == NULL || take_up(runner, why) != 0 || open_ledger(runner, why) != 0 ||
	    anchor_open(&runner->anchor, why) != 0 ||
	    journal_anchor(runner->journal, &runner->anchor, why) != 0) {
		return EXIT_DATA;
	}
	if (!runner->resumed && (keep_profile(runner, why) != 0 || keep_plan(runner, why) != 0)) {
		return not_kept(directory);
	}
	return keep_answers(runner, why) != 0 ? not_kept(directory) : 0;
}

int run_folder_anchor(struct runner *runner, struct text *why)
{
	anchor_open_outside(&runner->anchor);
	if (runner->anchor.outside_fd >= 0) {
		runner->copy_fd = open(runner->anchor.copy,
				       O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	}
	return journal_anchor(runner->journal, &runner->anchor, why);
}
