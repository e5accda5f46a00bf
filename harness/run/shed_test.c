/* shed_test: what a runner can still do once gate and bench stand, and what not; and that a hook
 * keeps the rights of who started the run. */
/* timeout: 60 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/run/hook.h"
#include "harness/run/shed.h"
#include "harness/run/test_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

#include "harness/banned.h"

#define SOMEBODY 4242u

enum { TRIED_OK, TRIED_WRONG };

struct place {
	char outer[64], run[80]; /* the run's directory in the test's own */
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	snprintf(place->outer, sizeof(place->outer), "/tmp/shed-XXXXXX");
	assert_non_null(mkdtemp(place->outer));
	snprintf(place->run, sizeof(place->run), "%s/run", place->outer);
	assert_int_equal(mkdir(place->run, 0755), 0);
	assert_int_equal(chmod(place->outer, 0755), 0);
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	test_remove(place->outer);
	free(place);
	return 0;
}

static int make(const char *folder, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
}

/* Says what did not hold. */
static bool holds(bool condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "not so: %s (%s)\n", what, strerror(errno));
	}
	return condition;
}
#define HOLDS(condition) holds((condition), #condition)

static int refused_as(long result, int error)
{
	return result < 0 && errno == error;
}

static bool has_a_child(void)
{
	int ends[2], status;
	char byte = 'x';
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) {
		return false;
	}
	pid = fork();
	if (pid == 0) {
		_exit(write(ends[1], &byte, 1) == 1 ? 7 : 1);
	}
	return pid > 0 && read(ends[0], &byte, 1) == 1 && waitpid(pid, &status, 0) == pid &&
	       WEXITSTATUS(status) == 7;
}

/* What the work needs. */
static bool can_work(const struct place *place)
{
	int fd = make(place->run, "new");

	return HOLDS(fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0) && HOLDS(has_a_child()) &&
	       HOLDS(open("/usr/bin/env", O_RDONLY | O_CLOEXEC) >= 0);
}

/* What it does not. */
static bool can_do_no_more(const struct place *place)
{
	static char *const arguments[] = {(char *)"false", NULL};
	struct sockaddr_in nowhere = {.sin_family = AF_INET};

	return HOLDS(refused_as(execve("/bin/false", arguments, NULL), EPERM)) &&
	       HOLDS(refused_as(socket(AF_INET, SOCK_STREAM, 0), EPERM)) &&
	       HOLDS(refused_as(connect(0, (struct sockaddr *)&nowhere, sizeof(nowhere)), EPERM)) &&
	       HOLDS(refused_as(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL), EPERM)) &&
	       HOLDS(refused_as(unshare(CLONE_NEWUSER), EPERM)) &&
	       HOLDS(refused_as(mount("none", "/mnt", "no-such-system", 0, NULL), EPERM)) &&
	       HOLDS(refused_as(setresuid(0, 0, 0), EPERM) || getuid() == 0) &&
	       HOLDS(make(place->outer, "beside") < 0) &&
	       HOLDS(open("/etc/shadow", O_RDONLY | O_CLOEXEC) < 0) &&
	       HOLDS(open("/etc/hosts", O_RDONLY | O_CLOEXEC) < 0);
}

static bool has_no_rights(void)
{
	char line[128];
	FILE *file = fopen("/proc/self/status", "re");
	unsigned long long effective = ~0ull;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		(void)sscanf(line, "CapEff: %llx", &effective);
	}
	if (file != NULL) {
		fclose(file);
	}
	/* CAP_SYS_NICE where no limit does */
	return (effective & ~(1ull << 23)) == 0;
}

/* In a process of its own. Returns what it ended with. */
static int shed_and_try(const struct place *place, uid_t wanted)
{
	int status = 0;
	struct text why;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (shed_user(place->run, &why) != 0 ||
		    shed_rest(place->run, "", confine_try(), &why) != 0) {
			fprintf(stderr, "%s\n", why.s);
			_exit(TRIED_WRONG);
		}
		if (getuid() != wanted || geteuid() != wanted || !has_no_rights()) {
			fprintf(stderr, "user %u\n", (unsigned)getuid());
			_exit(TRIED_WRONG);
		}
		_exit(can_work(place) && can_do_no_more(place) ? TRIED_OK : TRIED_WRONG);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void root_becomes_the_directory_s_owner(void **state)
{
	struct place *place = *state;

	if (getuid() != 0) {
		skip();
	}
	assert_int_equal(chown(place->run, SOMEBODY, SOMEBODY), 0);
	assert_int_equal(shed_and_try(place, SOMEBODY), TRIED_OK);
}

static uid_t owner_of(const char *folder, const char *name)
{
	struct stat status;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(lstat(path, &status), 0);
	return status.st_uid;
}

static void who_called_sudo_gets_the_directory_and_nothing_else(void **state)
{
	struct place *place = *state;
	char inside[128], outside[128];

	if (getuid() != 0) {
		skip();
	}
	close(make(place->run, "journal.jsonl"));
	close(make(place->outer, "root's"));
	close(make(place->outer, "linked"));
	snprintf(outside, sizeof(outside), "%s/root's", place->outer);
	snprintf(inside, sizeof(inside), "%s/link", place->run);
	assert_int_equal(symlink(outside, inside), 0);
	snprintf(outside, sizeof(outside), "%s/linked", place->outer);
	snprintf(inside, sizeof(inside), "%s/hard", place->run);
	assert_int_equal(link(outside, inside), 0);
	setenv("SUDO_UID", "4242", 1);
	setenv("SUDO_GID", "4242", 1);
	assert_int_equal(shed_and_try(place, SOMEBODY), TRIED_OK);
	assert_int_equal(owner_of(place->outer, "run"), SOMEBODY);
	assert_int_equal(owner_of(place->run, "journal.jsonl"), SOMEBODY);
	assert_int_equal(owner_of(place->outer, "root's"), 0);
	assert_int_equal(owner_of(place->outer, "linked"), 0);
}

static void root_alone_stays_user_0_without_its_rights(void **state)
{
	if (getuid() != 0) {
		skip();
	}
	assert_int_equal(shed_and_try(*state, 0), TRIED_OK);
}

static void an_ordinary_user_has_no_more(void **state)
{
	struct place *place = *state;
	int status = 0;
	pid_t pid;

	if (getuid() == 0) {
		assert_int_equal(chown(place->run, SOMEBODY, SOMEBODY), 0);
		assert_int_equal(chown(place->outer, SOMEBODY, SOMEBODY), 0);
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (getuid() == 0 && (setresgid(SOMEBODY, SOMEBODY, SOMEBODY) != 0 ||
				      setresuid(SOMEBODY, SOMEBODY, SOMEBODY) != 0)) {
			_exit(TRIED_WRONG);
		}
		_exit(shed_and_try(place, getuid()));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- a run ------------------------------------------------------------------------------ */

static int waits(struct probe_run *run)
{
	probe_note(run, "waiting");
	poll(NULL, 0, 1500);
	probe_saw_int(run, "number", 1);
	return 0;
}

/* One line of /proc/PID/status. */
static const char *status_of(pid_t pid, const char *name, char *line, size_t capacity)
{
	char path[64];
	FILE *file;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (!found && fgets(line, (int)capacity, file) != NULL) {
		found = strncmp(line, name, strlen(name)) == 0;
	}
	fclose(file);
	assert_true(found);
	return line + strlen(name);
}

static void a_run_has_shed_its_rights_while_checks_run(void **state)
{
	struct test_plan p;
	char line[256], path[160];
	unsigned long long rights;
	pid_t pid;
	int i;

	(void)state;
	test_plan_init(&p, PEER_SILENT);
	test_plan_add(&p, "a.waits", IMPACT_OBSERVE, waits);
	pid = test_plan_start(&p);
	snprintf(path, sizeof(path), "%s/evidence/a.waits", p.run);
	for (i = 0; i < 300 && access(path, F_OK) != 0; i++) {
		poll(NULL, 0, 10);
	}
	rights = strtoull(status_of(pid, "CapEff:", line, sizeof(line)), NULL, 16);
	assert_int_equal(rights & ~(1ull << 23), 0);
	rights = strtoull(status_of(pid, "CapBnd:", line, sizeof(line)), NULL, 16);
	assert_true(rights == 0 || getuid() != 0);
	assert_int_equal(strtol(status_of(pid, "Seccomp:", line, sizeof(line)), NULL, 10), 2);
	assert_int_equal(strtol(status_of(pid, "NoNewPrivs:", line, sizeof(line)), NULL, 10), 1);
	assert_int_equal(test_plan_wait(pid), 0);
	assert_string_equal(test_plan_saw(&p, "a.waits", "facts"), "{\"number\":1}");
	test_plan_release(&p);
}

/* --- hooks -------------------------------------------------------------------------------- */

/* Sheds after the starter is made, and runs the command. Prints what came of it to the file. */
static int hook_after(const struct place *place, const char *command, int wait_ms)
{
	struct hook_starter starter;
	struct hook_process hook;
	struct pollfd ended = {.events = POLLIN};
	struct text why;
	char path[128];
	int result;

	snprintf(path, sizeof(path), "%s/hook.txt", place->run);
	if (hook_starter_new(&starter, command, &why) != 0 || shed_user(place->run, &why) != 0 ||
	    shed_rest(place->run, "", confine_try(), &why) != 0 ||
	    hook_start(&hook, &starter, path, &why) != 0) {
		fprintf(stderr, "%s\n", why.s);
		return 99;
	}
	ended.fd = hook.fd;
	(void)poll(&ended, 1, wait_ms);
	result = hook_end(&hook, &why);
	if (result < 0) {
		fprintf(stderr, "%s\n", why.s);
		result = strstr(why.s, "did not end in time") != NULL ? 98 : 97;
	}
	hook_starter_release(&starter);
	return result;
}

static int in_process(const struct place *place, const char *command, int wait_ms)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		_exit(hook_after(place, command, wait_ms));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static const char *hook_said(const struct place *place, char *out, size_t capacity)
{
	char path[128];
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "%s/hook.txt", place->run);
	file = fopen(path, "re");
	assert_non_null(file);
	size = fread(out, 1, capacity - 1, file);
	out[size] = '\0';
	fclose(file);
	return out;
}

static void a_hook_has_the_rights_of_who_started_the_run(void **state)
{
	struct place *place = *state;
	char said[256], wanted[32];

	if (getuid() == 0) {
		assert_int_equal(chown(place->run, SOMEBODY, SOMEBODY), 0);
	}
	snprintf(wanted, sizeof(wanted), "%u\n", (unsigned)getuid());
	assert_int_equal(in_process(place, "id -u; exit 5", 5000), 5);
	assert_string_equal(hook_said(place, said, sizeof(said)), wanted);
}

static void a_hook_that_does_not_end_is_ended_with_all_it_started(void **state)
{
	struct place *place = *state;
	char said[256];
	int i;

	assert_int_equal(in_process(place, "sleep 600 & echo $!; wait", 300), 98);
	hook_said(place, said, sizeof(said));
	for (i = 0; i < 100 && kill((pid_t)strtol(said, NULL, 10), 0) == 0; i++) {
		poll(NULL, 0, 20);
	}
	assert_int_not_equal(kill((pid_t)strtol(said, NULL, 10), 0), 0);
}

static void no_hook_is_no_process(void **state)
{
	struct hook_starter starter;
	struct hook_process hook;
	struct text why;

	(void)state;
	assert_int_equal(hook_starter_new(&starter, NULL, &why), 0);
	assert_null(starter.command);
	assert_int_equal(hook_start(&hook, &starter, "/dev/null", &why), -1);
	assert_int_equal(hook_end(&hook, &why), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		IN_PLACE(root_becomes_the_directory_s_owner),
		IN_PLACE(who_called_sudo_gets_the_directory_and_nothing_else),
		IN_PLACE(root_alone_stays_user_0_without_its_rights),
		IN_PLACE(an_ordinary_user_has_no_more),
		cmocka_unit_test(a_run_has_shed_its_rights_while_checks_run),
		IN_PLACE(a_hook_has_the_rights_of_who_started_the_run),
		IN_PLACE(a_hook_that_does_not_end_is_ended_with_all_it_started),
		cmocka_unit_test(no_hook_is_no_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
