/* pass: the life of an admitted child in the gate, from its channel to its
 * counters. */
#define _GNU_SOURCE
#include "harness/gate/pass.h"
#include "harness/base/clock.h"
#include "harness/gate/door.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

void passes_init(struct server *server)
{
	size_t i;

	for (i = 0; i < GATE_PASSES; i++) {
		server->passes[i].channel = -1;
	}
	server->next_number = 1;
	dialler_init(&server->dialler, server->profile, &server->link);
	pacer_init(&server->pacer, server->profile->budget.frames_per_s);
	server->recorder = recorder_new(&server->link);
	spend_init(&server->spend, server->profile);
}

struct pass *pass_find(struct server *server, int32_t number)
{
	size_t i;

	for (i = 0; i < GATE_PASSES; i++) {
		if (server->passes[i].used && server->passes[i].number == number) {
			return &server->passes[i];
		}
	}
	return NULL;
}

static struct pass *free_pass(struct server *server)
{
	size_t i;

	for (i = 0; i < GATE_PASSES; i++) {
		if (!server->passes[i].used) {
			return &server->passes[i];
		}
	}
	return NULL;
}

struct pass *pass_admit(struct server *server, const struct gate_pass *what,
			struct message_fds *fds, struct text *why)
{
	struct pass *pass = free_pass(server);

	if (fds->count == 0) {
		text_error(why, "no channel came with the request");
		return NULL;
	}
	if ((unsigned)what->impact >= IMPACT_COUNT || !server->profile->consent[what->impact]) {
		text_error(why, "the profile does not grant this class of "
				"impact");
		return NULL;
	}
	if (pass == NULL) {
		text_error(why, "more than %d children at one time", GATE_PASSES);
		return NULL;
	}
	memset(pass, 0, sizeof(*pass));
	pass->used = true;
	pass->number = server->next_number++;
	pass->what = *what;
	pass->channel = fds->fd[0];
	fds->fd[0] = -1;
	pass->dialling.pass = pass->number;
	pass->dialling.fd = -1;
	tally_init(&pass->tally);
	if (fds->count > 1) {
		pass->capture = capture_open(server->recorder, fds->fd[1],
					     (what->needs & NEEDS_STORM) != 0);
		fds->fd[1] = -1;
	}
	return pass;
}

/* The child is gone: nothing may go on in its name. */
static void close_channel(struct server *server, struct pass *pass)
{
	size_t i;

	if (pass->dialling.state != DIAL_IDLE) {
		dial_cancel(&server->dialler, &pass->dialling);
	}
	for (i = 0; i < PASS_WIRES; i++) {
		wire_close(pass->wires[i]);
		pass->wires[i] = NULL;
	}
	for (i = 0; i < PASS_DATAGRAMS; i++) {
		datagrams_close(&pass->datagrams[i]);
	}
	for (i = 0; i < PASS_ACCEPTORS; i++) {
		acceptor_close(&pass->acceptors[i]);
	}
	storm_end(pass->storm);
	pass->storm = NULL;
	capture_close(server->recorder, pass->capture, &pass->tally);
	pass->capture = NULL;
	if (pass->channel >= 0) {
		close(pass->channel);
		pass->channel = -1;
	}
}

struct gate_traffic pass_dismiss(struct server *server, struct pass *pass)
{
	struct gate_traffic traffic;

	close_channel(server, pass);
	dialler_dismiss(&server->dialler, pass->number);
	traffic = tally_total(&pass->tally);
	tally_release(&pass->tally);
	pass->used = false;
	return traffic;
}

/* Nobody in the gate waits for a child. */
static void post(struct server *server, struct pass *pass, const void *bytes, size_t size,
		 const struct message_fds *fds)
{
	int error = pass->channel < 0 ? 0 : message_post(pass->channel, bytes, size, fds);

	if (error == -EAGAIN) {
		tally_refuse(&pass->tally, "the check does not read its answers: it was dropped");
	}
	if (error != 0) {
		close_channel(server, pass);
	}
}

void pass_answer(struct server *server, struct pass *pass, const struct reply *reply,
		 const struct message_fds *fds)
{
	post(server, pass, reply, sizeof(*reply), fds);
}

void pass_answer_error(struct server *server, struct pass *pass, int error)
{
	struct reply reply = {.error = error};

	pass_answer(server, pass, &reply, NULL);
}

/* Moves the connection being made on and reports its end. */
static void serve_dial(struct server *server, struct pass *pass)
{
	struct reply reply = {.error = 0};
	struct message_fds fds = {.count = 0};
	int result = 0;

	if (pass->dialling.state == DIAL_IDLE ||
	    dial_step(&server->dialler, &pass->dialling, &pass->tally, &result) == 0) {
		return;
	}
	if (result >= 0) {
		fds.fd[fds.count++] = result;
	} else {
		reply.error = result;
	}
	pass_answer(server, pass, &reply, &fds);
	message_fds_close(&fds);
}

/* Tells the result of a load that is over. */
static void serve_storm(struct server *server, struct pass *pass)
{
	const struct storm_result *result;
	int error;

	if (!storm_told(pass->storm, &error, &result)) {
		return;
	}
	pass_answer_error(server, pass, error);
	if (error == 0 && pass->channel >= 0) {
		post(server, pass, result, sizeof(*result), NULL);
	}
}

/* Reads one request. Descriptors that come along are closed unseen. */
static void serve_channel(struct server *server, struct pass *pass)
{
	struct pollfd ready = {.fd = pass->channel, .events = POLLIN};
	struct request request;
	ssize_t got;

	if (poll(&ready, 1, 0) <= 0) {
		return;
	}
	got = message_receive(pass->channel, &request, sizeof(request), NULL, NULL);
	if (got <= 0) {
		close_channel(server, pass);
		return;
	}
	if (got != (ssize_t)sizeof(request) || request.magic != REQUEST_MAGIC) {
		tally_refuse(&pass->tally, "a message of %zd bytes is not a request", got);
		pass_answer_error(server, pass, -EBADMSG);
		return;
	}
	door_ask(server, pass, &request);
}

/* True while a request is being worked on: the next one has to wait. */
static bool busy(const struct pass *pass)
{
	return pass->dialling.state != DIAL_IDLE;
}

size_t pass_poll(const struct pass *pass, struct pollfd *ret)
{
	size_t count = 0, i;

	if (!pass->used || pass->channel < 0) {
		return 0;
	}
	/* without POLLIN a hang-up is still told */
	ret[count++] = (struct pollfd){.fd = pass->channel, .events = busy(pass) ? 0 : POLLIN};
	if (pass->dialling.state == DIAL_CONNECTING) {
		ret[count++] = (struct pollfd){.fd = pass->dialling.fd, .events = POLLOUT};
	}
	for (i = 0; i < PASS_DATAGRAMS; i++) {
		count += datagrams_poll(&pass->datagrams[i], &ret[count]);
	}
	for (i = 0; i < PASS_ACCEPTORS; i++) {
		count += acceptor_poll(&pass->acceptors[i], &ret[count]);
	}
	return count;
}

void pass_serve(struct server *server, struct pass *pass)
{
	struct pollfd gone = {.fd = pass->channel};
	size_t i;

	if (!pass->used || pass->channel < 0) {
		return;
	}
	if (poll(&gone, 1, 0) > 0 && (gone.revents & POLLHUP) != 0) {
		close_channel(server, pass);
		return;
	}
	if (!busy(pass)) {
		serve_channel(server, pass);
	}
	serve_dial(server, pass);
	serve_storm(server, pass);
	for (i = 0; i < PASS_DATAGRAMS; i++) {
		datagrams_serve(&pass->datagrams[i]);
	}
	for (i = 0; i < PASS_ACCEPTORS; i++) {
		acceptor_serve(&pass->acceptors[i]);
	}
}

/* The sooner of two; -1 is never. */
static int sooner(int a_ms, int b_ms)
{
	return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

/* When a datagram of the pass has its turn, from now; -1: none waits. */
static int datagrams_timeout_ms(const struct pass *pass)
{
	int timeout = -1;
	size_t i;

	for (i = 0; i < PASS_DATAGRAMS; i++) {
		if (datagrams_due(&pass->datagrams[i]) >= 0) {
			timeout =
				sooner(timeout, clock_left_ms(datagrams_due(&pass->datagrams[i])));
		}
	}
	return timeout;
}

int passes_timeout_ms(const struct server *server)
{
	const struct dialling *dialling;
	int timeout = -1, left;
	size_t i;

	for (i = 0; i < GATE_PASSES; i++) {
		dialling = &server->passes[i].dialling;
		if (server->passes[i].used) {
			timeout = sooner(timeout, datagrams_timeout_ms(&server->passes[i]));
		}
		if (!server->passes[i].used || dialling->state == DIAL_IDLE) {
			continue;
		}
		left = clock_left_ms(dialling->deadline_ns);
		if (dialling->state == DIAL_WAITING && left > 2) {
			left = 2; /* a place may become free */
		}
		timeout = sooner(timeout, left);
	}
	return timeout;
}
