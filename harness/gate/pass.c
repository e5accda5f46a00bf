/* pass: what a child asks for, checked and handed on. */
#define _GNU_SOURCE
#include "harness/gate/pass.h"
#include "harness/base/clock.h"

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

static void answer(struct server *server, struct pass *pass, const struct reply *reply,
		   const struct message_fds *fds)
{
	if (message_send(pass->channel, reply, sizeof(*reply), fds) != 0) {
		close_channel(server, pass);
	}
}

static void answer_error(struct server *server, struct pass *pass, int error)
{
	struct reply reply = {.error = error};

	answer(server, pass, &reply, NULL);
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
	answer(server, pass, &reply, &fds);
	message_fds_close(&fds);
}

/* Whoever answers there now, it is not certainly the device. */
static bool strange(struct server *server, struct pass *pass)
{
	if (!atomic_load(&server->stop.strange)) {
		return false;
	}
	tally_refuse(&pass->tally, "another host answers for the device's address");
	return true;
}

static void ask_dial(struct server *server, struct pass *pass, const struct request *request)
{
	int error = -EPERM;

	if (!strange(server, pass)) {
		error = dial_begin(&server->dialler, &request->u.dial, pass->what.monitor,
				   &pass->tally, &pass->dialling);
	}
	if (error != 0) {
		answer_error(server, pass, error);
	}
}

static void ask_spend(struct server *server, struct pass *pass, const struct request *request)
{
	struct spend_request spend = request->u.spend;

	spend.account[sizeof(spend.account) - 1] = '\0';
	answer_error(server, pass,
		     spend_one(&server->spend, spend.what, spend.account, &pass->tally));
}

/* Why this pass may not have a wire: 0 or -errno. */
static int wire_refused(struct server *server, struct pass *pass, uint32_t kind)
{
	if (!server->link.raw || strange(server, pass)) {
		return -EPERM;
	}
	if ((pass->what.needs & NEEDS_WIRE) == 0) {
		tally_refuse(&pass->tally, "a wire was not declared by the "
					   "probe's needs");
		return -EACCES;
	}
	if (kind != WIRE_TCP && kind != WIRE_ICMP) {
		tally_refuse(&pass->tally, "there is no wire number %u", kind);
		return -EINVAL;
	}
	return 0;
}

static void ask_wire(struct server *server, struct pass *pass, const struct request *request)
{
	const struct link *link = &server->link;
	struct wire_order order = {.link = link,
				   .profile = &server->profile->link,
				   .source = link->source,
				   .kind = request->u.wire_kind,
				   .pacer = &server->pacer,
				   .next_port = &server->next_port,
				   .stop = &server->stop,
				   .tally = &pass->tally};
	struct reply reply = {.error = 0};
	struct message_fds fds = {.count = 0};
	size_t i;

	reply.error = wire_refused(server, pass, order.kind);
	for (i = 0; i < PASS_WIRES && pass->wires[i] != NULL; i++) {
	}
	if (reply.error == 0 && i == PASS_WIRES) {
		tally_refuse(&pass->tally, "more than %d wires", PASS_WIRES);
		reply.error = -EMFILE;
	}
	if (pass->what.monitor && address_given(&link->witness)) {
		order.source = link->witness;
	}
	if (reply.error == 0) {
		reply.error = wire_open(&order, &pass->wires[i], &reply.u.wire, &fds);
	}
	answer(server, pass, &reply, &fds);
	message_fds_close(&fds);
}

static bool any_storm(struct server *server)
{
	size_t i;

	for (i = 0; i < GATE_PASSES; i++) {
		if (storm_running(server->passes[i].storm)) {
			return true;
		}
	}
	return false;
}

/* Whether this pass may make load: 0 or -errno. */
static int storm_refused(struct server *server, struct pass *pass)
{
	if (!server->link.raw || strange(server, pass)) {
		return -EPERM;
	}
	if ((pass->what.needs & NEEDS_STORM) == 0 || pass->what.impact < IMPACT_STRESS) {
		tally_refuse(&pass->tally, "load was not declared by the "
					   "probe's needs and impact");
		return -EACCES;
	}
	if (any_storm(server)) {
		tally_refuse(&pass->tally, "another load is running");
		return -EBUSY;
	}
	return 0;
}

/* The link's addresses, which every child may know. */
static void ask_link(struct server *server, struct pass *pass, const struct request *request)
{
	const struct link *link = &server->link;
	struct reply reply = {.error = link->raw ? 0 : -EPERM};
	struct wire_facts *facts = &reply.u.wire.facts;

	(void)request;
	if (link->raw) {
		memcpy(facts->source_mac, link->source_mac, 6);
		memcpy(facts->device_mac, link->device_mac, 6);
		facts->source = link->source;
		facts->device = link->device;
	}
	answer(server, pass, &reply, NULL);
}

static void ask_storm(struct server *server, struct pass *pass, const struct request *request)
{
	struct storm_plan plan = {.link = &server->link,
				  .profile = server->profile,
				  .request = request->u.storm,
				  .stop = &server->stop,
				  .tripwire = server->tripwire,
				  .tally = &pass->tally,
				  .channel = pass->channel};
	char *function = plan.request.function;
	int error = storm_refused(server, pass);

	function[sizeof(plan.request.function) - 1] = '\0';
	if (error == 0) {
		error = storm_allowed(&plan);
	}
	if (error == 0) {
		storm_end(pass->storm); /* an earlier one, over */
		pass->storm = NULL;
		error = storm_start(&plan, &pass->storm);
	}
	if (error != 0) {
		answer_error(server, pass, error);
	}
}

static void ask(struct server *server, struct pass *pass, const struct request *request)
{
	static const struct {
		enum request_kind kind;
		void (*ask)(struct server *server, struct pass *pass,
			    const struct request *request);
	} table[] = {
		{REQUEST_DIAL, ask_dial}, {REQUEST_SPEND, ask_spend}, {REQUEST_WIRE, ask_wire},
		{REQUEST_LINK, ask_link}, {REQUEST_STORM, ask_storm},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		if (request->kind == table[i].kind) {
			table[i].ask(server, pass, request);
			return;
		}
	}
	tally_refuse(&pass->tally, "request number %u is not a child's", request->kind);
	answer_error(server, pass, -EPERM);
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
		answer_error(server, pass, -EBADMSG);
		return;
	}
	ask(server, pass, &request);
}

/* True while a request is being worked on: the next one has to wait. */
static bool busy(const struct pass *pass)
{
	return pass->dialling.state != DIAL_IDLE;
}

size_t pass_poll(const struct pass *pass, struct pollfd *ret)
{
	size_t count = 0;

	if (!pass->used || pass->channel < 0) {
		return 0;
	}
	/* without POLLIN a hang-up is still told */
	ret[count++] = (struct pollfd){.fd = pass->channel, .events = busy(pass) ? 0 : POLLIN};
	if (pass->dialling.state == DIAL_CONNECTING) {
		ret[count++] = (struct pollfd){.fd = pass->dialling.fd, .events = POLLOUT};
	}
	return count;
}

void pass_serve(struct server *server, struct pass *pass)
{
	struct pollfd gone = {.fd = pass->channel};

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
}

int passes_timeout_ms(const struct server *server)
{
	const struct dialling *dialling;
	int timeout = -1, left;
	size_t i;

	for (i = 0; i < GATE_PASSES; i++) {
		dialling = &server->passes[i].dialling;
		if (!server->passes[i].used || dialling->state == DIAL_IDLE) {
			continue;
		}
		left = clock_left_ms(dialling->deadline_ns);
		if (dialling->state == DIAL_WAITING && left > 2) {
			left = 2; /* a place may become free */
		}
		if (timeout < 0 || left < timeout) {
			timeout = left;
		}
	}
	return timeout;
}
