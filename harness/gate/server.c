/* server: the poll loop and the rules of admission. */
#define _GNU_SOURCE
#include "harness/gate/server.h"
#include "harness/base/clock.h"
#include "harness/gate/calls.h"
#include "harness/gate/link.h"
#include "harness/gate/message.h"
#include "harness/gate/pass.h"
#include "harness/gate/privilege.h"

#include <errno.h>
#include <libnet.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

/* Waits for the signals that stop all load, so that a busy loop does not
 * delay them. All threads have them blocked. */
static void *watch_signals(void *argument)
{
	struct stop *stop = argument;
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	for (;;) {
		if (sigwait(&set, &got) == 0) {
			atomic_store(&stop->interrupted, true);
		}
	}
	return NULL;
}

static void block_signals(void)
{
	static const int wanted[] = {SIGINT, SIGTERM};
	sigset_t set;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		signal(wanted[i], SIG_DFL);
		sigaddset(&set, wanted[i]);
	}
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static void greet(const struct server *server, int code, const struct text *why)
{
	struct greeting greeting;
	struct gate_ability *ability = &greeting.ability;
	const struct link *link = &server->link;

	memset(&greeting, 0, sizeof(greeting));
	greeting.exit = code;
	snprintf(greeting.why, sizeof(greeting.why), "%.*s", (int)sizeof(greeting.why) - 1, why->s);
	ability->raw = link->raw;
	ability->loopback = link->loopback;
	memcpy(ability->raw_reason, link->raw_reason, sizeof(ability->raw_reason));
	memcpy(ability->source_mac, link->source_mac, 6);
	memcpy(ability->device_mac, link->device_mac, 6);
	ability->device_mac_known = link->raw;
	ability->source = link->source;
	memcpy(ability->interface, link->interface, sizeof(ability->interface));
	snprintf(ability->libpcap, sizeof(ability->libpcap), "%s", pcap_lib_version());
	snprintf(ability->libnet, sizeof(ability->libnet), "%s", libnet_version());
	(void)message_post(server->control, &greeting, sizeof(greeting), NULL);
}

/* A runner that leaves hundreds of answers unread is none: serve() ends. */
static void answer(struct server *server, const struct reply *reply)
{
	if (message_post(server->control, reply, sizeof(*reply), NULL) != 0) {
		server->deaf = true;
	}
}

static void admit(struct server *server, const struct request *request, struct message_fds *fds)
{
	struct reply reply = {.error = -EINVAL};
	struct text why = {.s = "the request is broken"};
	struct pass *pass;

	pass = pass_admit(server, &request->u.pass, fds, &why);
	if (pass != NULL) {
		reply.error = 0;
		reply.number = pass->number;
	} else {
		snprintf(reply.u.why, sizeof(reply.u.why), "%.*s", (int)sizeof(reply.u.why) - 1,
			 why.s);
	}
	answer(server, &reply);
}

static void dismiss(struct server *server, int32_t number)
{
	struct reply reply = {.error = -ENOENT};
	struct pass *pass = pass_find(server, number);

	if (pass != NULL) {
		reply.error = 0;
		reply.number = number;
		reply.u.traffic = pass_dismiss(server, pass);
	}
	answer(server, &reply);
}

static void take_ledger(struct server *server, struct message_fds *fds)
{
	struct reply reply = {.error = -EINVAL};

	if ((fds->count == 1 || fds->count == 2) &&
	    spend_ledger(&server->spend, fds->fd[0], fds->count == 2 ? fds->fd[1] : -1) == 0) {
		fds->count = 0;
		reply.error = 0;
	}
	answer(server, &reply);
}

/* Returns false when the runner is gone. */
static bool serve_control(struct server *server)
{
	struct request request;
	struct message_fds fds;
	struct reply reply = {.error = 0};
	pid_t sender = 0;
	ssize_t got = message_receive(server->control, &request, sizeof(request), &fds, &sender);

	if (got <= 0) {
		return false;
	}
	if (got != (ssize_t)sizeof(request) || request.magic != REQUEST_MAGIC ||
	    sender != server->runner) {
		message_fds_close(&fds);
		reply.error = -EPERM;
		answer(server, &reply);
		return true;
	}
	switch (request.kind) {
	case REQUEST_ADMIT:
		admit(server, &request, &fds);
		break;
	case REQUEST_DISMISS:
		dismiss(server, request.u.number);
		break;
	case REQUEST_LEDGER:
		take_ledger(server, &fds);
		break;
	case REQUEST_STOP_LOAD:
		atomic_fetch_add(&server->stop.orders, 1);
		answer(server, &reply);
		break;
	default:
		reply.error = -EINVAL;
		answer(server, &reply);
	}
	message_fds_close(&fds);
	return true;
}

/* From here on nothing is sent any more. */
static void tell_notices(struct server *server)
{
	struct text notice;

	if (watch_step(&server->watch, &notice)) {
		atomic_store(&server->stop.strange, true);
		(void)message_post(server->notice, &notice, sizeof(notice), NULL);
	}
}

static void serve(struct server *server)
{
	struct pollfd wait[3 + PASS_POLLS * GATE_PASSES];
	size_t count, i;
	uint64_t over;

	for (;;) {
		wait[0] = (struct pollfd){.fd = server->control, .events = POLLIN};
		wait[1] = (struct pollfd){.fd = watch_fd(&server->watch), .events = POLLIN};
		wait[2] = (struct pollfd){.fd = server->wake, .events = POLLIN};
		count = 3;
		for (i = 0; i < GATE_PASSES; i++) {
			count += pass_poll(&server->passes[i], &wait[count]);
		}
		poll(wait, (nfds_t)count, passes_timeout_ms(server));
		if (wait[0].revents != 0 && (!serve_control(server) || server->deaf)) {
			return;
		}
		if (wait[1].revents != 0) {
			tell_notices(server);
		}
		if (wait[2].revents != 0) {
			(void)!read(server->wake, &over, sizeof(over));
		}
		for (i = 0; i < GATE_PASSES; i++) {
			pass_serve(server, &server->passes[i]);
		}
	}
}

/* What takes time and sends nothing. Returns 0 or the exit code. */
static int prepare(struct server *server, struct text *why)
{
	pthread_t signals;

	passes_init(server);
	server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->wake < 0) {
		text_error(why, "cannot make an eventfd: %s", strerror(errno));
		return 3;
	}
	if (watch_init(&server->watch, &server->link, why) != 0) {
		return 3;
	}
	if (pthread_create(&signals, NULL, watch_signals, &server->stop) != 0) {
		text_error(why, "cannot start a thread");
		return 3;
	}
	return calls_enter(why) == 0 ? 0 : 3;
}

/* Returns false when the runner lets go instead. */
static bool wait_for_go(struct server *server)
{
	struct request request;
	pid_t sender = 0;
	ssize_t got;

	do {
		got = message_receive(server->control, &request, sizeof(request), NULL, &sender);
	} while (got > 0 && (got != (ssize_t)sizeof(request) || request.magic != REQUEST_MAGIC ||
			     request.kind != REQUEST_GO || sender != server->runner));
	return got > 0;
}

/* The pages of who lets a load go on, to be read. */
static int map_pulses(struct server *server, const struct server_start *start)
{
	struct pulses *pulses = &server->pulses;
	size_t i;

	pulses->count = start->profile->function_count;
	pulses->monitors = calloc(pulses->count + 1, sizeof(*pulses->monitors));
	if (pulses->monitors == NULL) {
		BUG("out of memory");
	}
	pulses->runner = page_read(&start->pages[0]);
	for (i = 0; i < pulses->count; i++) {
		pulses->monitors[i] = page_read(&start->pages[i + 1]);
		if (pulses->monitors[i] == NULL) {
			return -1;
		}
	}
	return pulses->runner == NULL ? -1 : 0;
}

int server_run(const struct server_start *start)
{
	struct server *server = calloc(1, sizeof(*server));
	struct text why = {.s = ""};
	size_t i;
	int code;

	if (server == NULL) {
		BUG("out of memory");
	}
	block_signals();
	if (map_pulses(server, start) != 0) {
		return 3;
	}
	privilege_close_others(start->control, start->notice);
	privilege_drop();
	/* after the change of user, which clears it */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "assay-gate");
	if (getppid() != start->runner) {
		return 3;
	}
	server->profile = start->profile;
	server->control = start->control;
	server->notice = start->notice;
	server->runner = start->runner;
	code = link_look(start->profile, &server->link, &why);
	if (code == 0) {
		code = prepare(server, &why);
	}
	/* also with bad news: closing a channel with an unread message in it
	 * takes the greeting away again */
	if (!wait_for_go(server)) {
		return 0;
	}
	if (code == 0) {
		code = link_resolve(start->profile, &server->link, &server->watch, &why);
	}
	greet(server, code, &why);
	if (code != 0) {
		return code;
	}
	watch_narrow(&server->watch);
	serve(server);
	atomic_fetch_add(&server->stop.orders, 1);
	for (i = 0; i < GATE_PASSES; i++) {
		if (server->passes[i].used) {
			pass_dismiss(server, &server->passes[i]);
		}
	}
	/* all is said and done; what is left is the kernel's, see gate_stop() */
	shutdown(server->notice, SHUT_RDWR);
	return 0;
}
