/*
 * test_run: for tests of probes: a bench on loopback with a real gate, a probe
 * run in a real sandboxed child, and peers that are silent, close early or send
 * garbage. Not part of assay itself.
 *
 *   struct test_peer peer = test_peer_start(PEER_GARBAGE);
 *   struct test_bench bench;
 *
 *   test_bench_init(&bench, "ssh", peer.port);      a service called "it"
 *   bench.profile.limits.lockout_attempts = 3;      where needed
 *   report = test_observe(&bench, &probe_ssh_login,
 *                         (const char *const[]){"service", "it", NULL});
 *   assert_int_equal(report.outcome, CHILD_GAVE_UP);
 *   test_bench_release(&bench);
 *   test_peer_stop(&peer);
 *
 * The account "good" (user "good", password "correct horse") and the disposable
 * account "spare" (user "spare", password "spare key") are declared. Define
 * _GNU_SOURCE before the first include.
 */
#ifndef ASSAY_RUN_TEST_RUN_H
#define ASSAY_RUN_TEST_RUN_H

#include "harness/base/clock.h"
#include "harness/gate/gate.h"
#include "harness/run/child.h"
#include <arpa/inet.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_RUN_MUST(condition) \
	((condition) ? (void)0 : text_bug(__FILE__, __LINE__, "%s", #condition))

/* --- peers ------------------------------------------------------------------- */

enum test_peer_kind {
	PEER_SILENT,   /* accepts and says nothing */
	PEER_CLOSING,  /* accepts and closes */
	PEER_GARBAGE,  /* sends 8 KiB of noise to everybody, then closes */
	PEER_MUMBLING, /* sends one byte every 100 ms, for ever */
	PEER_DEAD,     /* nobody listens: connections are refused */
};

/* Those that speak nobody's protocol, and the reason that each probe must give. */
static const struct {
	enum test_peer_kind kind;
	enum why why;
} test_wrong_peers[] = {
	{PEER_SILENT, WHY_NO_ANSWER},
	{PEER_CLOSING, WHY_CLOSED_EARLY},
	{PEER_GARBAGE, WHY_GARBAGE},
	{PEER_DEAD, WHY_CONNECT_FAILED},
};

struct test_peer {
	pid_t pid; /* 0: none */
	uint16_t port;
};

/* Listens on a free port of 127.0.0.1. Returns the descriptor. */
static inline int test_listen(uint16_t *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	TEST_RUN_MUST(fd >= 0);
	TEST_RUN_MUST(bind(fd, (struct sockaddr *)&address, size) == 0);
	TEST_RUN_MUST(listen(fd, 64) == 0);
	TEST_RUN_MUST(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

/* Starts a server whose every connection is handled by serve() in a process of
 * its own, for at most a minute. It dies with the test. */
static inline struct test_peer test_peer_serve(void (*serve)(int fd, void *argument),
					       void *argument)
{
	struct test_peer peer = {.pid = 0};
	int listener = test_listen(&peer.port), fd;

	fflush(NULL);
	peer.pid = fork();
	TEST_RUN_MUST(peer.pid >= 0);
	if (peer.pid > 0) {
		close(listener);
		return peer;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd >= 0 && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			alarm(60);
			serve(fd, argument);
			_exit(0);
		}
		close(fd);
	}
}

static inline void test_serve_silent(int fd, void *argument)
{
	char byte;

	(void)argument;
	while (recv(fd, &byte, 1, 0) > 0) {
	}
}

static inline void test_serve_closing(int fd, void *argument)
{
	(void)argument;
	close(fd);
}

static inline void test_serve_garbage(int fd, void *argument)
{
	uint32_t state = 2463534242u;
	unsigned char noise[8192];
	size_t i;

	for (i = 0; i < sizeof(noise); i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		noise[i] = (unsigned char)state;
	}
	(void)send(fd, noise, sizeof(noise), MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	test_serve_silent(fd, argument);
}

static inline void test_serve_mumbling(int fd, void *argument)
{
	(void)argument;
	while (send(fd, "m", 1, MSG_NOSIGNAL) == 1) {
		poll(NULL, 0, 100);
	}
}

static inline struct test_peer test_peer_start(enum test_peer_kind kind)
{
	static void (*const servers[])(int fd, void *argument) = {
		[PEER_SILENT] = test_serve_silent,
		[PEER_CLOSING] = test_serve_closing,
		[PEER_GARBAGE] = test_serve_garbage,
		[PEER_MUMBLING] = test_serve_mumbling,
	};
	struct test_peer peer = {.pid = 0};

	if (kind == PEER_DEAD) {
		close(test_listen(&peer.port));
		return peer;
	}
	return test_peer_serve(servers[kind], NULL);
}

static inline void test_peer_stop(struct test_peer *peer)
{
	if (peer->pid > 0) {
		kill(peer->pid, SIGKILL);
		waitpid(peer->pid, NULL, 0);
		peer->pid = 0;
	}
}

/* --- the bench --------------------------------------------------------------- */

struct test_bench {
	struct profile profile; /* may be changed until test_observe() */
	struct service services[4];
	struct account accounts[2];
	struct arena *arena; /* what reports point into */
	struct gate *gate;
	struct gate_ability ability;
	char folder[64]; /* the run directory */
	struct child_world world;
	int observations;
};

/* A profile for 127.0.0.1 with one service "it" on this port; everything but
 * may-brick is granted. The gate is started by the first test_observe(). */
static inline void test_bench_init(struct test_bench *bench, const char *protocol, uint16_t port)
{
	struct profile *profile = &bench->profile;

	memset(bench, 0, sizeof(*bench));
	bench->arena = arena_new();
	snprintf(bench->folder, sizeof(bench->folder), "/tmp/bench-XXXXXX");
	TEST_RUN_MUST(mkdtemp(bench->folder) != NULL);
	setenv("ASSAY_TEST_GOOD", "correct horse", 1);
	setenv("ASSAY_TEST_SPARE", "spare key", 1);
	bench->services[0] = (struct service){.name = "it",
					      .protocol = protocol,
					      .port = port,
					      .purpose = "test",
					      .unit = 1,
					      .scratch_register = -1};
	bench->accounts[0] = (struct account){.name = "good",
					      .user = "good",
					      .role = "administrator",
					      .password_env = "ASSAY_TEST_GOOD"};
	bench->accounts[1] = (struct account){.name = "spare",
					      .user = "spare",
					      .role = "operator",
					      .password_env = "ASSAY_TEST_SPARE",
					      .disposable = true};
	*profile = (struct profile){
		.path = "test.yaml",
		.directory = ".",
		.name = "test device",
		.component = "EDR",
		.state = STATE_HARDENED,
		.edition = "IEC 62443-4-2:2019",
		.link.interface = "lo",
		.link.address = {ADDRESS_IPV4, {127, 0, 0, 1}},
		.consent = {true, true, true, false},
		.budget = {.frames_per_s = 10000,
			   .connections = 8,
			   .half_open = 64,
			   .failed_logins = 100,
			   .writes = 100,
			   .load_frames_per_s = 1000,
			   .load_s = 5},
		.recovery_s = 2,
		.services = bench->services,
		.service_count = 1,
		.accounts = bench->accounts,
		.account_count = 2,
		.limits = {-1, -1, -1, -1},
	};
	bench->world = (struct child_world){.profile = profile, .run_directory = bench->folder};
}

static inline int test_unlink(const char *path, const struct stat *status, int type,
			      struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

/* Removes a folder of the test's own and everything in it. */
static inline void test_remove(const char *folder)
{
	nftw(folder, test_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void test_bench_release(struct test_bench *bench)
{
	gate_stop(bench->gate);
	test_remove(bench->folder);
	arena_free(bench->arena);
}

/* The value of one parameter: given as name, value, ..., NULL, or the probe's
 * fallback. */
static inline const char *test_setting(const struct param_def *def, const char *const *given)
{
	size_t i;

	for (i = 0; given != NULL && given[i] != NULL; i += 2) {
		if (strcmp(given[i], def->name) == 0) {
			return given[i + 1];
		}
	}
	return def->fallback;
}

/* A list parameter of a test: its items with spaces between. */
static inline void test_list(struct arena *arena, struct param_value *value)
{
	const char **items = NULL;
	const char *at = value->text;
	size_t count = 0, size;

	for (at += strspn(at, " "); *at != '\0'; at += size, at += strspn(at, " ")) {
		size = strcspn(at, " ");
		*(const char **)arena_push(arena, &items, &count, sizeof(*items)) =
			arena_printf(arena, "%.*s", (int)size, at);
	}
	value->list_count = count;
	(void)arena_push(arena, &items, &count, sizeof(*items));
	value->list = items;
}

static inline struct param_value test_param(const struct test_bench *bench,
					    const struct param_def *def, const char *text)
{
	const struct profile *profile = &bench->profile;
	struct param_value value = {.name = def->name, .type = def->type, .text = text};
	size_t i;

	if (text == NULL) {
		BUG("parameter '%s' must be given", def->name);
	}
	if (def->type == PARAM_LIST) {
		test_list(bench->arena, &value);
	}
	value.number = strtoll(text, NULL, 10);
	value.yes = strcmp(text, "true") == 0;
	for (i = 0; i < profile->service_count; i++) {
		if (strcmp(profile->services[i].name, text) == 0) {
			value.service = &profile->services[i];
		}
	}
	for (i = 0; i < profile->account_count; i++) {
		if (strcmp(profile->accounts[i].name, text) == 0 ||
		    (strcmp(text, "disposable") == 0 && profile->accounts[i].disposable)) {
			value.account = &profile->accounts[i];
		}
	}
	for (i = 0; i < profile->function_count; i++) {
		if (strcmp(profile->functions[i].name, text) == 0) {
			value.function = &profile->functions[i];
		}
	}
	return value;
}

/* Resolves a params table. Returns the values and their number. */
static inline const struct param_value *test_params(struct test_bench *bench,
						    const struct param_def *defs,
						    const char *const *given, size_t *ret_count)
{
	struct param_value *values = NULL;
	size_t count = 0;

	for (; defs != NULL && defs->name != NULL; defs++) {
		struct param_value value = test_param(bench, defs, test_setting(defs, given));

		*(struct param_value *)arena_push(bench->arena, &values, &count, sizeof(value)) =
			value;
	}
	*ret_count = count;
	return values;
}

/* Runs the probe in a child behind the bench's gate and returns its report. */
static inline struct child_report test_observe(struct test_bench *bench, const struct probe *probe,
					       const char *const *given)
{
	struct observation observation = {
		.id = arena_printf(bench->arena, "%s@test-%d", probe->id, ++bench->observations),
		.probe = probe,
		.target = "it",
	};
	struct child_report report;
	struct text why = {.s = ""};
	int code;

	observation.params = test_params(bench, probe->params, given, &observation.param_count);
	if (bench->gate == NULL) {
		bench->gate = gate_start(&bench->profile, &bench->ability, &code, &why);
		if (bench->gate != NULL && gate_beat(bench->gate, -1) != 0) {
			BUG("cannot beat");
		}
	}
	if (bench->gate == NULL ||
	    child_run(&bench->world, &observation, bench->gate, bench->arena, &report, &why) != 0) {
		BUG("%s", why.s);
	}
	return report;
}

/* The fact's value as text ("true", "22", "a, b"), NULL where it was not
 * reported. */
static inline const char *test_fact(struct test_bench *bench, const struct child_report *report,
				    const char *name)
{
	const struct fact *fact = facts_find(&report->facts, name);

	return fact == NULL ? NULL : fact_value_text(bench->arena, fact, "");
}

#endif
