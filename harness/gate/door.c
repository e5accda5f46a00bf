/* door: the table of doors, the rules that hold for all rows, and the doors
 * that need no file of their own. */
#define _GNU_SOURCE
#include "harness/gate/door.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

/* --- connections ------------------------------------------------------------- */

static uint32_t by_source(const struct request *request)
{
	return request->u.dial.source[0] != '\0';
}

static void open_dial(struct server *server, struct pass *pass, const struct request *request)
{
	int error = dial_begin(&server->dialler, &request->u.dial, pass->what.monitor, &pass->tally,
			       &pass->dialling);

	if (error != 0) {
		pass_answer_error(server, pass, error);
	}
}

/* --- datagrams, and the device as the one who begins ------------------------------ */

static struct datagrams *free_datagrams(struct pass *pass)
{
	size_t i;

	for (i = 0; i < PASS_DATAGRAMS; i++) {
		if (!pass->datagrams[i].used) {
			return &pass->datagrams[i];
		}
	}
	return NULL;
}

static struct acceptor *free_acceptor(struct pass *pass)
{
	size_t i;

	for (i = 0; i < PASS_ACCEPTORS; i++) {
		if (!pass->acceptors[i].used) {
			return &pass->acceptors[i];
		}
	}
	return NULL;
}

static int check_datagrams(struct server *server, struct pass *pass, const struct request *request)
{
	(void)server;
	(void)request;
	if (free_datagrams(pass) == NULL) {
		tally_refuse(&pass->tally, "more than %d ways for datagrams", PASS_DATAGRAMS);
		return -EMFILE;
	}
	return 0;
}

static int check_acceptor(struct server *server, struct pass *pass, const struct request *request)
{
	(void)server;
	(void)request;
	if (free_acceptor(pass) == NULL) {
		tally_refuse(&pass->tally, "more than %d ports listened at", PASS_ACCEPTORS);
		return -EMFILE;
	}
	return 0;
}

/* Answers with the child's end, or with the error. */
static void answer_end(struct server *server, struct pass *pass, int end)
{
	struct reply reply = {.error = end < 0 ? end : 0};
	struct message_fds fds = {.fd = {end}, .count = end >= 0};

	pass_answer(server, pass, &reply, &fds);
	message_fds_close(&fds);
}

static void open_datagrams(struct server *server, struct pass *pass, const struct request *request)
{
	struct datagram_order order = {.profile = server->profile,
				       .link = &server->link,
				       .pacer = &server->pacer,
				       .stop = &server->stop,
				       .tally = &pass->tally,
				       .monitor = pass->what.monitor};
	struct datagrams *place = free_datagrams(pass);

	answer_end(server, pass,
		   request->kind == REQUEST_DATAGRAMS
			   ? datagrams_dial(&order, &request->u.dial, place)
			   : datagrams_listen(&order, &request->u.dial, place));
}

static void open_acceptor(struct server *server, struct pass *pass, const struct request *request)
{
	answer_end(
		server, pass,
		acceptor_open(&server->link, &request->u.dial, &pass->tally, free_acceptor(pass)));
}

/* --- counted budgets ----------------------------------------------------------- */

static uint32_t by_spending(const struct request *request)
{
	return request->u.spend.what;
}

static void open_spend(struct server *server, struct pass *pass, const struct request *request)
{
	struct spend_request spend = request->u.spend;

	spend.account[sizeof(spend.account) - 1] = '\0';
	pass_answer_error(server, pass,
			  spend_one(&server->spend, spend.what, spend.account, &pass->tally));
}

/* --- raw frames ----------------------------------------------------------------- */

enum { BY_SOURCE = 0x100 }; /* beside the kind: from another source than the usual */

static uint32_t by_wire(const struct request *request)
{
	const struct wire_request *wire = &request->u.wire;

	if (wire->kind >= BY_SOURCE) {
		return UINT32_MAX; /* no row */
	}
	return wire->source[0] == '\0' ? wire->kind : BY_SOURCE | wire->kind;
}

/* The place for one more wire, or PASS_WIRES. */
static size_t free_wire(const struct pass *pass)
{
	size_t i = 0;

	while (i < PASS_WIRES && pass->wires[i] != NULL) {
		i++;
	}
	return i;
}

static int check_raw(struct server *server, struct pass *pass, const struct request *request)
{
	(void)pass;
	(void)request;
	return server->link.raw ? 0 : -EPERM;
}

static int check_wire(struct server *server, struct pass *pass, const struct request *request)
{
	const struct link_device *device = link_device_find(&server->link, &request->u.wire.device);
	int error = check_raw(server, pass, request);

	if (error == 0 && free_wire(pass) == PASS_WIRES) {
		tally_refuse(&pass->tally, "more than %d wires", PASS_WIRES);
		error = -EMFILE;
	}
	if (error == 0 && device == NULL) {
		tally_refuse(&pass->tally, "that is not an address of the device");
		error = -EACCES;
	}
	/* the first has answered, or there are no raw frames at all */
	if (error == 0 && device != &server->link.devices[0] && !device->answered) {
		tally_refuse(&pass->tally, "nobody answers for %s on the link",
			     address_text(&device->address).s);
		error = -EHOSTUNREACH;
	}
	return error;
}

static int check_group(struct server *server, struct pass *pass, const struct request *request)
{
	struct link_group group;
	int error = check_wire(server, pass, request);

	if (error == 0 && !group_find(request->u.wire.group, &group)) {
		tally_refuse(&pass->tally, "there is no group number %u", request->u.wire.group);
		error = -EINVAL;
	}
	if (error == 0 && !group_allowed(&server->profile->link, &group)) {
		tally_refuse(&pass->tally, "the profile does not allow to listen to '%s'",
			     group.word);
		error = -EACCES;
	}
	return error;
}

static void open_wire(struct server *server, struct pass *pass, const struct request *request)
{
	const struct link *link = &server->link;
	const struct link_device *device = link_device_find(link, &request->u.wire.device);
	const struct address *source;
	char name[SOURCE_NAME_SIZE];
	struct wire_order order = {.link = link,
				   .profile = &server->profile->link,
				   .device = device->address,
				   .kind = request->u.wire.kind,
				   .pacer = &server->pacer,
				   .half_open = &server->dialler.half_open,
				   .next_port = &server->next_port,
				   .stop = &server->stop,
				   .tally = &pass->tally};
	struct reply reply = {.error = 0};
	struct message_fds fds = {.count = 0};

	memcpy(name, request->u.wire.source, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	source = link_source_for(link, name, pass->what.monitor, &device->address);
	if (source == NULL) {
		tally_refuse(&pass->tally, "the tester has no %s address%s for this check",
			     address_family_word(device->address.family),
			     name[0] == '\0' ? "" : " of that name");
		pass_answer_error(server, pass, -EADDRNOTAVAIL);
		return;
	}
	order.source = *source;
	(void)group_find(request->u.wire.group, &order.group);
	reply.error = wire_open(&order, &pass->wires[free_wire(pass)], &reply.u.wire, &fds);
	pass_answer(server, pass, &reply, &fds);
	message_fds_close(&fds);
}

/* The link's addresses, which every child may know. */
static void open_link(struct server *server, struct pass *pass, const struct request *request)
{
	const struct link *link = &server->link;
	struct reply reply = {.error = 0};
	struct wire_facts *facts = &reply.u.wire.facts;

	(void)request;
	memcpy(facts->source_mac, link->source_mac, 6);
	memcpy(facts->device_mac, link->device_mac, 6);
	facts->source = link->source;
	facts->device = link->device;
	pass_answer(server, pass, &reply, NULL);
}

/* --- load ------------------------------------------------------------------------ */

static int check_storm(struct server *server, struct pass *pass, const struct request *request)
{
	size_t i;
	int error = check_raw(server, pass, request);

	for (i = 0; i < GATE_PASSES && error == 0; i++) {
		if (storm_running(server->passes[i].storm)) {
			tally_refuse(&pass->tally, "another load is running");
			error = -EBUSY;
		}
	}
	return error;
}

static void open_storm(struct server *server, struct pass *pass, const struct request *request)
{
	struct storm_plan plan = {.link = &server->link,
				  .profile = server->profile,
				  .request = request->u.storm,
				  .stop = &server->stop,
				  .pulses = &server->pulses,
				  .tally = &pass->tally,
				  .sender = &server->sender,
				  .wake = server->wake};
	char *function = plan.request.function;
	int error;

	function[sizeof(plan.request.function) - 1] = '\0';
	plan.request.sender[sizeof(plan.request.sender) - 1] = '\0';
	error = storm_allowed(&plan);
	if (error == 0) {
		storm_end(pass->storm); /* an earlier one, over */
		pass->storm = NULL;
		error = storm_start(&plan, &pass->storm);
	}
	if (error != 0) {
		pass_answer_error(server, pass, error);
	}
}

static void open_answers(struct server *server, struct pass *pass, const struct request *request)
{
	struct reply reply = {.error = 0};

	(void)request;
	reply.u.answers = storm_answers(pass->storm);
	pass_answer(server, pass, &reply, NULL);
}

/* --- the table --------------------------------------------------------------------- */

const struct door doors[] = {
	/* name, request, variant, value, least class, needs, guests, budget, check, open */
	{"the link's addresses", REQUEST_LINK, NULL, 0, IMPACT_OBSERVE, 0, FOR_ALL, DRAWS_NOTHING,
	 check_raw, open_link},
	{"a connection", REQUEST_DIAL, by_source, 0, IMPACT_OBSERVE, 0, FOR_ALL, DRAWS_CONNECTIONS,
	 NULL, open_dial},
	{"a connection from a second source", REQUEST_DIAL, by_source, 1, IMPACT_OBSERVE,
	 NEEDS_SECOND_SOURCE, FOR_CHECKS, DRAWS_CONNECTIONS, NULL, open_dial},
	{"datagrams", REQUEST_DATAGRAMS, by_source, 0, IMPACT_OBSERVE, 0, FOR_ALL, DRAWS_FRAMES,
	 check_datagrams, open_datagrams},
	{"datagrams from a second source", REQUEST_DATAGRAMS, by_source, 1, IMPACT_OBSERVE,
	 NEEDS_SECOND_SOURCE, FOR_CHECKS, DRAWS_FRAMES, check_datagrams, open_datagrams},
	{"connections of the device", REQUEST_LISTEN, NULL, 0, IMPACT_OBSERVE, NEEDS_LISTEN,
	 FOR_CHECKS, DRAWS_CONNECTIONS, check_acceptor, open_acceptor},
	{"datagrams of the device", REQUEST_LISTEN_DATAGRAMS, NULL, 0, IMPACT_OBSERVE, NEEDS_LISTEN,
	 FOR_CHECKS, DRAWS_FRAMES, check_datagrams, open_datagrams},
	{"a relay between two legs", REQUEST_RELAY, NULL, 0, IMPACT_STRESS, NEEDS_WIRE, FOR_CHECKS,
	 DRAWS_FRAMES, NULL, NULL},
	{"a wire for TCP", REQUEST_WIRE, by_wire, WIRE_TCP, IMPACT_OBSERVE, NEEDS_WIRE, FOR_CHECKS,
	 DRAWS_FRAMES, check_wire, open_wire},
	{"a wire for TCP from a second source", REQUEST_WIRE, by_wire, BY_SOURCE | WIRE_TCP,
	 IMPACT_OBSERVE, NEEDS_WIRE | NEEDS_SECOND_SOURCE, FOR_CHECKS, DRAWS_FRAMES, check_wire,
	 open_wire},
	{"a wire for ICMP", REQUEST_WIRE, by_wire, WIRE_ICMP, IMPACT_OBSERVE, NEEDS_WIRE, FOR_ALL,
	 DRAWS_FRAMES, check_wire, open_wire},
	{"a wire for any frame to the device", REQUEST_WIRE, by_wire, WIRE_DEVICE, IMPACT_STRESS,
	 NEEDS_WIRE, FOR_CHECKS, DRAWS_FRAMES, check_wire, open_wire},
	{"a multicast group", REQUEST_WIRE, by_wire, WIRE_GROUP, IMPACT_OBSERVE, NEEDS_WIRE,
	 FOR_CHECKS, DRAWS_FRAMES, check_group, open_wire},
	{"a wire on the far leg", REQUEST_WIRE, by_wire, WIRE_FAR, IMPACT_STRESS, NEEDS_WIRE,
	 FOR_CHECKS, DRAWS_FRAMES, NULL, NULL},
	{"a failed login", REQUEST_SPEND, by_spending, SPEND_FAILED_LOGIN, IMPACT_TOUCH, 0,
	 FOR_CHECKS, DRAWS_FAILED_LOGINS, NULL, open_spend},
	{"a good login", REQUEST_SPEND, by_spending, SPEND_GOOD_LOGIN, IMPACT_TOUCH, 0, FOR_CHECKS,
	 DRAWS_NOTHING, NULL, open_spend},
	{"a write", REQUEST_SPEND, by_spending, SPEND_WRITE, IMPACT_TOUCH, NEEDS_SCRATCH,
	 FOR_CHECKS, DRAWS_WRITES, NULL, open_spend},
	{"load", REQUEST_STORM, NULL, 0, IMPACT_STRESS, NEEDS_STORM, FOR_CHECKS, DRAWS_LOAD,
	 check_storm, open_storm},
	{"the answers to a load", REQUEST_STORM_ANSWERS, NULL, 0, IMPACT_STRESS, NEEDS_STORM,
	 FOR_CHECKS, DRAWS_NOTHING, NULL, open_answers},
	{0},
};

const struct door *door_find(const struct request *request)
{
	const struct door *door;

	for (door = doors; door->name != NULL; door++) {
		if (door->request == request->kind &&
		    (door->variant == NULL || door->variant(request) == door->value)) {
			return door;
		}
	}
	return NULL;
}

/* --- what holds for all rows --------------------------------------------------------- */

/* What the profile grants of it in all. */
static int64_t granted(const struct budget *budget, enum door_budget what)
{
	switch (what) {
	case DRAWS_NOTHING:
		return 1;
	case DRAWS_CONNECTIONS:
		return budget->connections;
	case DRAWS_FRAMES:
		return budget->frames_per_s;
	case DRAWS_FAILED_LOGINS:
		return budget->failed_logins;
	case DRAWS_WRITES:
		return budget->writes;
	case DRAWS_LOAD:
		return budget->load_frames_per_s < budget->load_s ? budget->load_frames_per_s
								  : budget->load_s;
	}
	return 0;
}

static const char *need_word(unsigned needs)
{
	static const struct {
		unsigned need;
		const char *word;
	} words[] = {
#define NEED(name, word) {NEEDS_##name, word},
#include "probes/need.def"
#undef NEED
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if ((needs & words[i].need) != 0) {
			return words[i].word;
		}
	}
	return "that";
}

int door_refused(const struct door *door, struct server *server, struct pass *pass,
		 const struct request *request)
{
	const struct gate_pass *what = &pass->what;
	struct tally *tally = &pass->tally;
	unsigned missing;

	if (door == NULL) {
		tally_refuse(tally, "there is no door for request number %u", request->kind);
		return -EPERM;
	}
	if ((door->guests & (what->monitor ? FOR_MONITORS : FOR_CHECKS)) == 0) {
		tally_refuse(tally, "%s is not for %s", door->name,
			     what->monitor ? "monitors" : "checks");
		return -EACCES;
	}
	if (what->impact < door->impact) {
		tally_refuse(tally, "%s takes a check of class '%s'; this one is '%s'", door->name,
			     impact_word(door->impact), impact_word(what->impact));
		return -EACCES;
	}
	missing = door->needs & ~what->needs;
	if (missing != 0) {
		tally_refuse(tally, "%s: the probe does not declare that it needs %s", door->name,
			     need_word(missing));
		return -EACCES;
	}
	if (door->open == NULL) {
		tally_refuse(tally, "%s: not built yet", door->name);
		return -ENOSYS;
	}
	/* whoever answers there now, it is not certainly the device */
	if (door->budget != DRAWS_NOTHING && atomic_load(&server->stop.strange)) {
		tally_refuse(tally, "another host answers for the device's address");
		return -EPERM;
	}
	if (granted(&server->profile->budget, door->budget) <= 0) {
		tally_refuse(tally, "%s: the profile's budget grants none", door->name);
		return -EDQUOT;
	}
	return door->check == NULL ? 0 : door->check(server, pass, request);
}

void door_ask(struct server *server, struct pass *pass, const struct request *request)
{
	const struct door *door = door_find(request);
	int error = door_refused(door, server, pass, request);

	if (error != 0) {
		pass_answer_error(server, pass, error);
	} else {
		door->open(server, pass, request);
	}
}
