/* device_lock_test: one run a device: over folders, users and user namespaces, but not over network
 * namespaces, and never longer than the run. */
/* timeout: 60 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "harness/run/device_lock.h"
#include "harness/run/test_plan.h"

#include <sched.h>

#include "harness/banned.h"

static int waits(struct probe_run *run)
{
	probe_note(run, "waiting");
	poll(NULL, 0, 4000);
	probe_saw_int(run, "number", 1);
	return 0;
}

/* A device that no other test has: a documentation address (RFC 5737). */
static struct profile profile_of(const char *interface, const char *address)
{
	return (struct profile){.link.interface = interface, .link.address = address_of(address)};
}

static bool is_free(const struct profile *profile)
{
	struct device_lock lock;
	bool taken = device_lock_take(profile, "other", &lock, NULL) == 0;

	if (taken) {
		device_lock_release(&lock);
	}
	return taken;
}

/* In a process of its own, after a step there. Returns 0 busy, 1 free, 2 the step cannot be done
 * here. */
static int is_free_after(const struct profile *profile, int (*step)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		_exit(step() != 0 ? 2 : is_free(profile));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static int enter_user_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static int enter_network_namespace(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNET);
}

static int become_nobody(void)
{
	return getuid() == 0 ? setresuid(65534, 65534, 65534) : -1;
}

static void a_second_run_is_refused_and_told_which_is_the_first(void **state)
{
	struct profile profile = profile_of("bench0", "192.0.2.77");
	struct device_lock lock;
	struct text why;

	(void)state;
	assert_int_equal(device_lock_take(&profile, "/runs/first", &lock, &why), 0);
	assert_int_equal(device_lock_take(&profile, "/runs/second", &(struct device_lock){0}, &why),
			 -1);
	assert_non_null(strstr(why.s, "another run is at the device 192.0.2.77 on interface "
				      "'bench0': '/runs/first', process "));
	device_lock_release(&lock);
	assert_true(is_free(&profile));
}

static void another_address_or_interface_is_another_device(void **state)
{
	struct profile profile = profile_of("bench0", "192.0.2.78");
	struct profile address = profile_of("bench0", "192.0.2.79");
	struct profile interface = profile_of("bench1", "192.0.2.78");
	struct device_lock lock;

	(void)state;
	assert_int_equal(device_lock_take(&profile, "first", &lock, NULL), 0);
	assert_true(is_free(&address));
	assert_true(is_free(&interface));
	device_lock_release(&lock);
}

static void any_address_of_the_device_is_enough(void **state)
{
	struct profile both = profile_of("bench0", "192.0.2.80");
	struct profile one = profile_of("bench0", "2001:db8::80");
	struct device_lock lock;

	(void)state;
	both.link.ipv6[both.link.ipv6_count++] = address_of("2001:db8::80");
	assert_int_equal(device_lock_take(&one, "first", &lock, NULL), 0);
	assert_false(is_free(&both));
	device_lock_release(&lock);
	assert_true(is_free(&both));
}

static void on_loopback_a_device_is_its_ports(void **state)
{
	struct service one[] = {{.port = 40001}, {.port = 40002}, {.port = 40001}};
	struct service other[] = {{.port = 40003}};
	struct profile first = profile_of("lo", "127.0.0.1"), second = first;
	struct device_lock lock;

	(void)state;
	first.services = one;
	first.service_count = 3;
	second.services = other;
	second.service_count = 1;
	assert_int_equal(device_lock_take(&first, "first", &lock, NULL), 0);
	assert_true(is_free(&second));
	other[0].port = 40002;
	assert_false(is_free(&second));
	device_lock_release(&lock);
}

static void it_holds_over_user_namespaces_and_users_but_not_over_networks(void **state)
{
	struct profile profile = profile_of("bench0", "192.0.2.81");
	struct device_lock lock;
	int user, network, nobody;

	(void)state;
	assert_int_equal(device_lock_take(&profile, "first", &lock, NULL), 0);
	user = is_free_after(&profile, enter_user_namespace);
	network = is_free_after(&profile, enter_network_namespace);
	nobody = is_free_after(&profile, become_nobody);
	device_lock_release(&lock);
	if (user == 2 || network == 2) {
		skip(); /* no user namespaces here */
	}
	assert_int_equal(user, 0);
	assert_int_equal(network, 1);
	assert_int_not_equal(nobody, 1);
}

static void the_end_of_a_process_ends_its_lock(void **state)
{
	struct profile profile = profile_of("bench0", "192.0.2.82");
	struct device_lock lock;
	int ready[2], status;
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		(void)!device_lock_take(&profile, "killed", &lock, NULL);
		(void)!write(ready[1], "x", 1);
		pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_false(is_free(&profile));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(is_free(&profile));
	close(ready[0]);
	close(ready[1]);
}

static void two_runs_at_one_device_are_not_made(void **state)
{
	struct test_plan p;
	char first[96];
	pid_t pid;
	int i;

	(void)state;
	test_plan_init(&p, PEER_SILENT);
	test_plan_add(&p, "a.waits", IMPACT_OBSERVE, waits);
	pid = test_plan_start(&p);
	for (i = 0; i < 300 && access(p.run, F_OK) != 0; i++) {
		poll(NULL, 0, 10);
	}
	snprintf(first, sizeof(first), "%s", p.run);
	snprintf(p.run, sizeof(p.run), "%s/second", p.bench.folder);
	assert_int_equal(test_plan_run(&p), 3);
	assert_non_null(strstr(test_plan_said(&p), first));
	assert_int_not_equal(access(p.run, F_OK), 0);
	snprintf(p.run, sizeof(p.run), "%s", first);
	assert_int_equal(test_plan_wait(pid), 0);
	test_plan_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_run_is_refused_and_told_which_is_the_first),
		cmocka_unit_test(another_address_or_interface_is_another_device),
		cmocka_unit_test(any_address_of_the_device_is_enough),
		cmocka_unit_test(on_loopback_a_device_is_its_ports),
		cmocka_unit_test(it_holds_over_user_namespaces_and_users_but_not_over_networks),
		cmocka_unit_test(the_end_of_a_process_ends_its_lock),
		cmocka_unit_test(two_runs_at_one_device_are_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
