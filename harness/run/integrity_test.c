/* integrity_test: a run directory that was edited is refused, whatever was edited; one that was
 * not is judged, also elsewhere, and goes on after a kill at any moment. */
/* timeout: 180 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/run/anchor.h"
#include "harness/run/integrity.h"
#include "harness/run/test_plan.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "harness/banned.h"

/* Anchors are the only thing that the runner writes with pwrite(): when it gets to zero the
 * process is killed, before the write or, from 'after' on, behind it. */
static int writes_left;
static bool after;

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	ssize_t wrote = 0;

	if (writes_left == 1 && !after) {
		kill(getpid(), SIGKILL);
	}
	wrote = syscall(SYS_pwrite64, fd, bytes, size, at);
	if (writes_left == 1) {
		kill(getpid(), SIGKILL);
	}
	writes_left -= writes_left > 0;
	return wrote;
}

static int sees_one(struct probe_run *run)
{
	probe_saw_int(run, "number", 1);
	probe_note(run, "one");
	return 0;
}

static int spends(struct probe_run *run)
{
	probe_saw_int(run, "number", probe_spend(run, SPEND_WRITE, NULL));
	return 0;
}

/* A run of one observation and one that spends a write, ended. */
static int setup(void **state)
{
	struct test_plan *p = malloc(sizeof(*p));

	writes_left = 0;
	test_plan_init(p, PEER_SILENT);
	test_plan_add(p, "a.one", IMPACT_OBSERVE, sees_one);
	test_plan_add(p, "b.spend", IMPACT_TOUCH, spends);
	p->probes[1].needs = NEEDS_SCRATCH;
	assert_int_equal(test_plan_run(p), 0);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	test_plan_release(*state);
	free(*state);
	return 0;
}

static const char *in(struct test_plan *p, const char *name)
{
	return arena_printf(p->bench.arena, "%s/%s", p->run, name);
}

/* What the check says; "" where the directory is what it was. */
static const char *complaint(struct test_plan *p)
{
	struct journal_text journal;
	struct integrity found;
	struct text why = {.s = ""};

	if (journal_read(p->run, &journal, &why) != 0) {
		return arena_strdup(p->bench.arena, why.s);
	}
	if (integrity_check(p->run, &journal, p->bench.arena, &found, &why) == 0) {
		why.s[0] = '\0';
	}
	journal_text_release(&journal);
	return arena_strdup(p->bench.arena, why.s);
}

/* What the report says of the journal's end. */
static const char *end_line(struct test_plan *p)
{
	struct journal_text journal;
	struct integrity found = {.count = 0};
	struct text why;
	size_t i;
	const char *line = "";

	assert_int_equal(journal_read(p->run, &journal, &why), 0);
	assert_int_equal(integrity_check(p->run, &journal, p->bench.arena, &found, &why), 0);
	for (i = 0; i < found.count; i++) {
		line = strcmp(found.lines[i].name, "journal's end") == 0 ? found.lines[i].value
									 : line;
	}
	journal_text_release(&journal);
	return line;
}

static void assert_refused(struct test_plan *p, const char *part)
{
	const char *said = complaint(p);

	if (strstr(said, part) == NULL) {
		fail_msg("'%s' is not in '%s'", part, said);
	}
}

/* A run that is taken up says the same, and ends with 2. */
static void assert_no_going_on(struct test_plan *p, const char *part)
{
	assert_int_equal(test_plan_run(p), 2);
	if (strstr(test_plan_said(p), part) == NULL) {
		fail_msg("'%s' is not in '%s'", part, test_plan_said(p));
	}
}

static void append(const char *path, const char *text)
{
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Takes the last lines from a file. */
static void cut_lines(struct test_plan *p, const char *name, int lines)
{
	char *text = arena_alloc(p->bench.arena, (size_t)1 << 20), *end;
	FILE *file = fopen(in(p, name), "re");
	size_t size;

	assert_non_null(file);
	size = fread(text, 1, ((size_t)1 << 20) - 1, file);
	fclose(file);
	text[size] = '\0';
	for (; lines > 0; lines--) {
		end = strrchr(text, '\n');
		*end = '\0';
		end = strrchr(text, '\n');
		end[1] = '\0';
	}
	assert_int_equal(truncate(in(p, name), (off_t)strlen(text)), 0);
}

static void an_untouched_run_is_what_its_journal_says(void **state)
{
	assert_string_equal(complaint(*state), "");
	assert_non_null(strstr(end_line(*state), "that of this machine outside of it vouch"));
}

static void an_edited_profile_is_named(void **state)
{
	struct test_plan *p = *state;

	append(in(p, "profile.yaml"), "# more\n");
	assert_refused(p, "run/profile.yaml' was changed");
	assert_no_going_on(p, "run/profile.yaml' was changed");
}

static void an_edited_plan_is_named(void **state)
{
	append(in(*state, "plan.json"), " ");
	assert_refused(*state, "run/plan.json' was changed");
	assert_no_going_on(*state, "run/plan.json' was changed");
}

static void answers_that_were_added_are_named(void **state)
{
	append(in(*state, "answers.yaml"), "[]\n");
	assert_refused(*state, "run/answers.yaml' was added");
}

static void changed_evidence_is_named(void **state)
{
	append(in(*state, "evidence/a.one/transcript.txt"), "two\n");
	assert_refused(*state, "run/evidence/a.one/transcript.txt' was changed");
}

static void missing_evidence_is_named(void **state)
{
	assert_int_equal(unlink(in(*state, "evidence/a.one/capture.pcapng")), 0);
	assert_refused(*state, "run/evidence/a.one/capture.pcapng' is missing");
}

static void added_evidence_is_named(void **state)
{
	append(in(*state, "evidence/a.one/more.txt"), "x");
	assert_refused(*state, "evidence/a.one/more.txt' was added");
}

static void evidence_that_points_elsewhere_is_named(void **state)
{
	const char *path = in(*state, "evidence/a.one/transcript.txt");

	assert_int_equal(rename(path, in(*state, "moved")), 0);
	assert_int_equal(symlink(in(*state, "moved"), path), 0);
	assert_refused(*state, "evidence/a.one/transcript.txt' is not a file");
}

static void a_cut_end_is_refused(void **state)
{
	cut_lines(*state, "journal.jsonl", 1);
	assert_refused(*state, "anchor.json' knows of");
	assert_refused(*state, "its end was cut off");
	assert_no_going_on(*state, "its end was cut off");
}

static void an_emptied_journal_is_refused(void **state)
{
	assert_int_equal(truncate(in(*state, "journal.jsonl"), 0), 0);
	assert_no_going_on(*state, "'journal.jsonl' has 0 records");
}

static void an_emptied_ledger_is_refused(void **state)
{
	assert_int_equal(truncate(in(*state, "spent.txt"), 0), 0);
	assert_refused(*state, "holds less, or other");
	assert_no_going_on(*state, "holds less, or other");
}

static void an_emptied_ledger_without_its_anchor_is_refused(void **state)
{
	struct test_plan *p = *state;

	cut_lines(p, "journal.jsonl", 3); /* the record that knows of the unit, too */
	assert_int_equal(truncate(in(p, "spent.txt"), 0), 0);
	assert_int_equal(unlink(in(p, ANCHOR_NAME)), 0);
	assert_refused(p, "anchor.json' is missing");
	assert_no_going_on(p, "anchor.json' is missing");
}

static void a_swapped_line_of_the_ledger_is_refused(void **state)
{
	assert_int_equal(truncate(in(*state, "spent.txt"), 0), 0);
	append(in(*state, "spent.txt"), "other\n");
	assert_refused(*state, "'spent.txt' holds less, or other");
	assert_no_going_on(*state, "'spent.txt' holds less, or other");
}

/* A record that continues the chain as it should. */
static void an_added_record_is_refused(void **state)
{
	struct test_plan *p = *state;
	struct text why;
	struct journal *journal = journal_open(p->run, &why);

	assert_non_null(journal);
	assert_int_equal(journal_append(journal, "note", json_pack("{s:s}", "text", "x"), &why), 0);
	journal_close(journal);
	assert_refused(p, "has 1 records that");
	assert_no_going_on(p, "they were added");
}

/* Cuts the journal's end and has the anchor in the directory say so: who edits one file can edit
 * two. */
static void edit_as_a_whole(struct test_plan *p)
{
	struct journal_text text;
	struct anchor anchor;
	struct text why;
	struct anchored now;

	cut_lines(p, "journal.jsonl", 1);
	assert_int_equal(journal_read(p->run, &text, &why), 0);
	anchor_find(p->run, journal_run_id(&text), &anchor);
	anchor.inside_fd = open(anchor.inside, O_RDWR | O_CLOEXEC);
	now = (struct anchored){
		.records = (int64_t)text.count, .head = text.head, .synced = (int64_t)text.count};
	assert_int_equal(anchor_put(&anchor, &now, &why), 0);
	anchor_close(&anchor);
	journal_text_release(&text);
}

static void a_directory_edited_as_a_whole_is_refused_where_it_was_made(void **state)
{
	edit_as_a_whole(*state);
	assert_refused(*state, "its end was cut off");
	assert_refused(*state, "/state/assay/runs/");
	assert_no_going_on(*state, "its end was cut off");
}

/* It cannot be found out there, and the report says so. */
static void elsewhere_the_report_says_what_does_not_vouch(void **state)
{
	edit_as_a_whole(*state);
	assert_int_equal(setenv("XDG_STATE_HOME", "/nonexistent", 1), 0);
	assert_non_null(strstr(end_line(*state), "edited the directory as a whole cannot be "
						 "excluded"));
}

/* The anchor in the directory agrees; the gate's copy of the ledger does not. */
static void a_unit_taken_from_ledger_and_anchor_is_refused(void **state)
{
	struct test_plan *p = *state;
	struct journal_text text;
	struct anchor anchor;
	struct text why;
	struct anchored now;

	assert_int_equal(journal_read(p->run, &text, &why), 0);
	anchor_find(p->run, journal_run_id(&text), &anchor);
	assert_int_equal(truncate(anchor.ledger, 0), 0);
	anchor.inside_fd = open(anchor.inside, O_RDWR | O_CLOEXEC);
	anchor.outside_fd = open(anchor.outside, O_RDWR | O_CLOEXEC);
	now = (struct anchored){
		.records = (int64_t)text.count, .head = text.head, .synced = (int64_t)text.count};
	assert_int_equal(anchor_put(&anchor, &now, &why), 0);
	anchor_close(&anchor);
	journal_text_release(&text);
	assert_refused(p, ".spent' vouches for");
}

/* A monitor's stderr that a killed part left, and that went when the next part's said nothing. */
static void what_was_only_found_may_be_gone_at_the_end(void **state)
{
	struct test_plan *p = *state;
	struct text why;
	struct journal *journal;

	snprintf(p->run, sizeof(p->run), "%s/other", p->bench.folder);
	assert_int_equal(mkdir(p->run, 0755), 0);
	journal = journal_open(p->run, &why);
	assert_non_null(journal);
	assert_int_equal(
		journal_append(journal, "resume",
			       json_pack("{s:i,s:[{s:s,s:s,s:i}]}", "torn_bytes", 0, "unrecorded",
					 "path", "evidence/m/stderr.txt", "sha256", "0", "size", 0),
			       &why),
		0);
	assert_string_equal(complaint(p), "");
	assert_int_equal(journal_append(journal, "end", json_pack("{s:[]}", "unrecorded"), &why),
			 0);
	journal_close(journal);
	assert_string_equal(complaint(p), "");
}

/* Kills a new run at its n-th write of an anchor. Returns false when it had ended before. */
static bool killed_at(int n, bool behind)
{
	struct test_plan p;
	int code;

	test_plan_init(&p, PEER_SILENT);
	test_plan_add(&p, "a.one", IMPACT_OBSERVE, sees_one);
	writes_left = n;
	after = behind;
	code = test_plan_run(&p);
	writes_left = 0;
	if (code == -SIGKILL) {
		if (complaint(&p)[0] != '\0') {
			fail_msg("killed at anchor %d%s: %s", n, behind ? " written" : "",
				 complaint(&p));
		}
		code = test_plan_run(&p);
		if (code != 0 || complaint(&p)[0] != '\0') {
			fail_msg("killed at anchor %d%s: resumed: exit %d, %s, %s", n,
				 behind ? " written" : "", code, test_plan_said(&p), complaint(&p));
		}
		code = -SIGKILL;
	}
	test_plan_release(&p);
	return code == -SIGKILL;
}

/* Between an anchor and its record, and between the two anchors. */
static void a_kill_around_any_anchor_is_judged_and_resumed(void **state)
{
	int n = 1;

	(void)state;
	while (killed_at(n, false) && killed_at(n, true)) {
		n++;
	}
	print_message("killed around each of %d anchors\n", n - 1);
	assert_true(n > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ON_RUN(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		ON_RUN(an_untouched_run_is_what_its_journal_says),
		ON_RUN(an_edited_profile_is_named),
		ON_RUN(an_edited_plan_is_named),
		ON_RUN(answers_that_were_added_are_named),
		ON_RUN(changed_evidence_is_named),
		ON_RUN(missing_evidence_is_named),
		ON_RUN(added_evidence_is_named),
		ON_RUN(evidence_that_points_elsewhere_is_named),
		ON_RUN(a_cut_end_is_refused),
		ON_RUN(an_emptied_journal_is_refused),
		ON_RUN(an_emptied_ledger_is_refused),
		ON_RUN(an_emptied_ledger_without_its_anchor_is_refused),
		ON_RUN(a_swapped_line_of_the_ledger_is_refused),
		ON_RUN(an_added_record_is_refused),
		ON_RUN(a_directory_edited_as_a_whole_is_refused_where_it_was_made),
		ON_RUN(elsewhere_the_report_says_what_does_not_vouch),
		ON_RUN(what_was_only_found_may_be_gone_at_the_end),
		ON_RUN(a_unit_taken_from_ledger_and_anchor_is_refused),
		cmocka_unit_test(a_kill_around_any_anchor_is_judged_and_resumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
