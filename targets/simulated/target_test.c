/* target_test: starting, stopping, listing, crashing: nothing stays behind. */
/* needs: namespace */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/clock.h"
#include "harness/base/mounts.h"
#include "targets/simulated/fixture.h"
#include "targets/simulated/state.h"
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Processes of targets, by the names they give themselves; one that ended and
 * is not yet collected by the machine's first process does not count. */
static int processes(void)
{
	return (int)strtol(shell("ps -eo stat=,comm= | grep -v '^Z' | "
				 "grep -c 'assay-target$\\|modbus$'")
				   .s,
			   NULL, 10);
}

static const char *listed(const char *name)
{
	static char line[256];
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(target_list(out), 0);
	fclose(out);
	snprintf(line, sizeof(line), "%s", strstr(text, name));
	free(text);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/* The target's first process, read from its state. */
static int process_of(const char *name, char *directory, size_t capacity)
{
	struct target_state state;
	int process = -1;

	assert_int_equal(target_state_open(&state, name, NULL), 0);
	process = target_state_process(&state);
	snprintf(directory, capacity, "%s", state.directory);
	target_state_close(&state);
	assert_true(process >= 0);
	return process;
}

static void up_and_down_leave_nothing(void **state)
{
	int before = processes();
	char directory[256];
	struct stat status;

	(void)state;
	up("weak-plc", NULL);
	close(process_of("weak-plc", directory, sizeof(directory)));
	assert_true(if_nametoindex("assay1") != 0);
	assert_true(processes() >= before + 2);
	assert_string_equal(listed("weak-plc"), "weak-plc       up   assay1  10.213.1.2   "
						"simulated controller with every weakness planted");
	down("weak-plc");
	assert_int_equal(if_nametoindex("assay1"), 0);
	assert_int_equal(processes(), before);
	assert_int_equal(stat(directory, &status), -1);
	assert_string_equal(listed("weak-plc"), "weak-plc       down assay1  10.213.1.2   "
						"simulated controller with every weakness planted");
}

static void a_killed_supervisor_leaves_nothing_and_can_start_again(void **state)
{
	int before = processes(), process;
	char directory[256];

	(void)state;
	up("hardened-plc", NULL);
	process = process_of("hardened-plc", directory, sizeof(directory));
	assert_int_equal(pidfd_send_signal(process, SIGKILL, NULL, 0), 0);
	close(process);
	for (int i = 0; i < 200 && if_nametoindex("assay2") != 0; i++)
		clock_sleep_until(clock_ns() + 10 * NS_PER_MS);
	assert_int_equal(if_nametoindex("assay2"), 0);
	assert_int_equal(processes(), before);
	assert_false(target_state_running("hardened-plc"));
	up("hardened-plc", NULL);
	down("hardened-plc");
}

static void what_cannot_be_is_said_in_a_sentence(void **state)
{
	struct target_options options = {0};
	struct target_options wrong = {.traits = (const char *const[]){"telnet=perhaps", NULL}};
	struct target_options traits = {.traits = (const char *const[]){"telnet=on", NULL}};
	struct text why = {""};

	(void)state;
	assert_int_equal(target_up("plc", &options, &why), -1);
	assert_string_equal(why.s, "no target is called 'plc'");
	assert_int_equal(target_down("weak-plc", &why), -1);
	assert_string_equal(why.s, "target 'weak-plc' is not up here");
	assert_int_equal(target_up("weak-plc", &wrong, &why), -1);
	assert_string_equal(why.s, "trait 'telnet' is on or off, not 'perhaps'");
	assert_int_equal(target_up("openssh-nginx", &traits, &why), -1);
	assert_string_equal(why.s, "target 'openssh-nginx' has no traits: it "
				   "runs real servers");
	up("weak-plc", NULL);
	assert_int_equal(target_up("weak-plc", &options, &why), -1);
	assert_string_equal(why.s, "target 'weak-plc' is already up");
	down("weak-plc");
}

static void a_service_that_does_not_come_up_fails_the_start(void **state)
{
	/* Two services cannot have one port. */
	struct target_options options = {.traits = (const char *const[]){"hidden-port=22", NULL}};
	struct text why = {""};

	(void)state;
	assert_int_equal(target_up("weak-plc", &options, &why), -1);
	assert_non_null(strstr(why.s, "hidden cannot listen on port 22: Address already in"));
	assert_int_equal(if_nametoindex("assay1"), 0);
	assert_false(target_state_running("weak-plc"));
}

static void a_target_ends_by_itself(void **state)
{
	struct target_options options = {.lifetime_s = 1};
	struct text why = {""};

	(void)state;
	if (target_up("hardened-plc", &options, &why) < 0)
		fail_msg("%s", why.s);
	assert_true(target_state_running("hardened-plc"));
	for (int i = 0; i < 300 && target_state_running("hardened-plc"); i++)
		clock_sleep_until(clock_ns() + 10 * NS_PER_MS);
	assert_false(target_state_running("hardened-plc"));
	assert_int_equal(target_down("hardened-plc", &why), -1);
}

static void a_reused_process_number_is_not_the_target(void **state)
{
	struct target_state folder;
	struct text why = {""};
	char path[300];
	FILE *file = NULL;

	(void)state;
	assert_int_equal(target_state_open(&folder, "weak-plc", &why), 0);
	snprintf(path, sizeof(path), "%s/state", folder.directory);
	file = fopen(path, "w");
	assert_non_null(file);
	/* This very process, but with another start time. */
	fprintf(file, "%ld 1\n", (long)getpid());
	fclose(file);
	assert_int_equal(target_state_process(&folder), -1);
	target_state_remove(&folder);
}

static void without_rights_one_sentence_says_what_to_do(void **state)
{
	struct target_options options = {0};
	struct text why = {""};
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		/* Without CAP_SYS_ADMIN, as an ordinary user is. */
		int rc = 1;
		setenv("XDG_RUNTIME_DIR", "", 1);
		if (setresuid(12345, 12345, 12345) < 0)
			_exit(77); /* one user only: cannot be tried here */
		if (target_up("weak-plc", &options, &why) < 0 &&
		    strcmp(why.s, "cannot make a network namespace: run as "
				  "root or inside 'unshare -Urn'") == 0)
			rc = 0;
		_exit(rc);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void the_caller_is_not_held(void **state)
{
	int before = (int)strtol(shell("ls /proc/self/fd | wc -l").s, NULL, 10);

	(void)state;
	/* popen's read ends only when nobody holds its pipe open: a target
	 * that kept the caller's output would block here for hours. */
	if (fork() == 0) {
		struct target_options options = {.lifetime_s = 60};
		int rc = target_up("hardened-plc", &options, NULL);
		_exit(rc < 0);
	}
	wait(NULL);
	assert_true(target_state_running("hardened-plc"));
	down("hardened-plc");
	assert_int_equal(strtol(shell("ls /proc/self/fd | wc -l").s, NULL, 10), before);
}

static void there_is_no_way_out_of_a_target(void **state)
{
	char directory[256], command[300];

	(void)state;
	up("weak-plc", NULL);
	close(process_of("weak-plc", directory, sizeof(directory)));
	snprintf(command, sizeof(command), "cut -d' ' -f1 %.200s/state", directory);
	snprintf(command, sizeof(command), "tail -n +2 /proc/%ld/net/route",
		 strtol(shell(command).s, NULL, 10));
	/* The one network, 10.213.1.0, and no default route. */
	assert_memory_equal(shell(command).s, "eth0\t0001D50A\t00000000", 22);
	assert_null(strchr(shell(command).s, '\n'));
	down("weak-plc");
}

static void a_target_ends_when_the_network_of_its_caller_does(void **state)
{
	int before = processes();
	pid_t pid = fork();
	int status = 0;

	(void)state;
	if (pid == 0) {
		struct target_options options = {.lifetime_s = 60};
		int rc = unshare(CLONE_NEWNET);
		if (rc == 0)
			rc = target_up("hardened-plc", &options, NULL);
		_exit(rc < 0 || processes() <= before);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (int i = 0; i < 50 && processes() > before; i++)
		clock_sleep_until(clock_ns() + 100 * NS_PER_MS);
	assert_int_equal(processes(), before);
}

/* The rest of the process runs below a first process of its own, which
 * collects orphans and sees no target that somebody else has started. */
static void leave_the_others(void)
{
	pid_t pid = mounts_own(CLONE_NEWPID) == 0 ? fork() : -1;
	int status = 1;

	if (pid == 0 && mount("proc", "/proc", "proc", 0, NULL) == 0)
		pid = fork();
	if (pid == 0 && getpid() != 1)
		return;
	while (pid > 0) {
		int one = 0;
		pid_t ended = wait(&one);
		if (ended == pid)
			status = WIFEXITED(one) ? WEXITSTATUS(one) : 1;
		if (ended == pid || (ended < 0 && errno != EINTR))
			break;
	}
	if (pid <= 0)
		perror("no process namespace");
	_exit(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_and_down_leave_nothing),
		cmocka_unit_test(a_killed_supervisor_leaves_nothing_and_can_start_again),
		cmocka_unit_test(what_cannot_be_is_said_in_a_sentence),
		cmocka_unit_test(a_service_that_does_not_come_up_fails_the_start),
		cmocka_unit_test(a_target_ends_by_itself),
		cmocka_unit_test(a_reused_process_number_is_not_the_target),
		cmocka_unit_test(without_rights_one_sentence_says_what_to_do),
		cmocka_unit_test(the_caller_is_not_held),
		cmocka_unit_test(there_is_no_way_out_of_a_target),
		cmocka_unit_test(a_target_ends_when_the_network_of_its_caller_does),
	};
	leave_the_others();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
