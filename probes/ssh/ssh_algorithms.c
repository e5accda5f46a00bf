/*
 * ssh.algorithms: the algorithm lists an SSH server announces before it is
 * asked anything, read on one connection. It exchanges no keys and does not
 * log in.
 */
#include <string.h>

#include "probes/ssh/ssh_packet.h"
#include "probes/stream/stream.h"

#include "probes/probe.h"

enum {
	DIAL_MS = 10000,
	ANSWER_MS = 10000,      /* from the connection to the whole KEXINIT */
	BEFORE_KEXINIT_MAX = 8, /* messages that may come first */
};

struct talk {
	struct stream stream;
	const struct service *service;
	int64_t deadline;
	size_t used; /* of what the stream holds */
};

/* Reads some more. Returns 0, or -1 with the run given up. */
static int more(struct talk *talk, const char *what)
{
	struct stream *stream = &talk->stream;

	if (stream_more(stream, talk->deadline) > 0) {
		return 0;
	}
	if (stream->end != STREAM_SILENT && stream->have > talk->used) {
		return probe_give_up(stream->run, WHY_GARBAGE,
				     "the device sent %zu bytes that hold no whole %s",
				     stream->have - talk->used, what);
	}
	return stream_give_up(stream, talk->service, what);
}

static void note_slice(struct probe_run *run, const char *what, struct ssh_slice slice)
{
	char text[1024];

	text_printable(text, sizeof(text), slice.at, slice.size);
	probe_note(run, "%s: %s", what, text);
}

/* Reads lines up to the identification and reports it. */
static int read_banner(struct talk *talk, struct ssh_versions *ret)
{
	enum ssh_taken taken;
	struct ssh_slice banner;
	char text[1024];

	for (;;) {
		taken = ssh_banner_take(talk->stream.held, talk->stream.have, &banner, &talk->used);
		if (taken == SSH_TAKEN) {
			break;
		}
		if (taken == SSH_BROKEN) {
			return probe_give_up(talk->stream.run, WHY_GARBAGE,
					     "no SSH identification in the "
					     "first %d bytes",
					     SSH_BANNER_MAX);
		}
		if (more(talk, "SSH identification") != 0) {
			return -1;
		}
	}
	note_slice(talk->stream.run, "identification", banner);
	*ret = ssh_banner_versions(banner);
	probe_saw_text(talk->stream.run, "banner",
		       text_printable(text, sizeof(text), banner.at, banner.size));
	probe_saw_bool(talk->stream.run, "protocol_1", ret->one);
	probe_saw_bool(talk->stream.run, "protocol_2", ret->two);
	return 0;
}

/* Takes the next packet's payload off the stream. */
static int read_packet(struct talk *talk, struct ssh_slice *ret)
{
	enum ssh_taken taken;
	size_t used;

	for (;;) {
		taken = ssh_packet_take(talk->stream.held + talk->used,
					talk->stream.have - talk->used, ret, &used);
		if (taken == SSH_TAKEN) {
			talk->used += used;
			return 0;
		}
		if (taken == SSH_BROKEN) {
			return probe_give_up(talk->stream.run, WHY_GARBAGE,
					     "no SSH packet follows the "
					     "identification");
		}
		if (more(talk, "list of algorithms") != 0) {
			return -1;
		}
	}
}

static int read_kexinit(struct talk *talk, struct ssh_kexinit *ret)
{
	struct ssh_slice payload;
	uint8_t message;
	int i;

	for (i = 0; i <= BEFORE_KEXINIT_MAX; i++) {
		if (read_packet(talk, &payload) != 0) {
			return -1;
		}
		message = payload.size > 0 ? payload.at[0] : 0;
		if (message == SSH_MSG_DISCONNECT) {
			note_slice(talk->stream.run, "disconnect", payload);
			return probe_give_up(talk->stream.run, WHY_CLOSED_EARLY,
					     "the device disconnected instead "
					     "of listing algorithms");
		}
		if (message < SSH_MSG_IGNORE || message > SSH_MSG_DEBUG) {
			break;
		}
	}
	if (!ssh_kexinit_read(payload, ret)) {
		return probe_give_up(talk->stream.run, WHY_GARBAGE,
				     "message %d instead of a list of "
				     "algorithms, or a broken one",
				     message);
	}
	probe_keep(talk->stream.run, "kexinit.bin", payload.at, payload.size);
	for (i = SSH_KEX; i <= SSH_CIPHER_IN; i++) {
		if (ret->list[i].size == 0) {
			return probe_give_up(talk->stream.run, WHY_GARBAGE,
					     "the device names no algorithm "
					     "where one is needed, so nobody "
					     "can connect");
		}
	}
	return 0;
}

static void saw_names(struct probe_run *run, const char *fact, struct ssh_slice list)
{
	struct ssh_slice name;
	char text[256];

	while (ssh_names_next(&list, &name)) {
		if (!ssh_name_is_marker(name)) {
			probe_saw_item(run, fact,
				       text_printable(text, sizeof(text), name.at, name.size));
		}
	}
}

static void saw_kexinit(struct probe_run *run, const struct ssh_kexinit *kexinit)
{
	static const struct {
		enum ssh_list list;
		const char *fact;
	} reported[] = {
		{SSH_KEX, "kex"},
		{SSH_HOST_KEY, "host_key"},
		{SSH_CIPHER_OUT, "cipher"},
		{SSH_CIPHER_IN, "cipher"},
		{SSH_MAC_OUT, "mac"},
		{SSH_MAC_IN, "mac"},
		{SSH_COMPRESSION_OUT, "compression"},
		{SSH_COMPRESSION_IN, "compression"},
	};
	struct ssh_slice list = kexinit->list[SSH_KEX], name;
	bool strict = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reported); i++) {
		if (i == 0 || strcmp(reported[i].fact, reported[i - 1].fact) != 0) {
			probe_saw_none(run, reported[i].fact);
		}
		note_slice(run, reported[i].fact, kexinit->list[reported[i].list]);
		saw_names(run, reported[i].fact, kexinit->list[reported[i].list]);
	}
	while (ssh_names_next(&list, &name)) {
		strict |= ssh_name_is_strict(name);
	}
	probe_saw_bool(run, "strict_kex", strict);
}

static int ask(struct talk *talk)
{
	static const char hello[] = "SSH-2.0-assay\r\n";
	struct ssh_versions versions = {.two = false};
	struct ssh_kexinit kexinit = {.first_kex_follows = false};

	/* A failed write shows in the read that follows. */
	if (stream_write(&talk->stream, hello, strlen(hello), talk->deadline) != 0) {
		probe_note(talk->stream.run, "writing: %s", talk->stream.reason);
	}
	if (read_banner(talk, &versions) != 0) {
		return -1;
	}
	if (!versions.two) {
		return 0; /* protocol 1 has no lists: they stay unreported */
	}
	if (read_kexinit(talk, &kexinit) != 0) {
		return -1;
	}
	saw_kexinit(talk->stream.run, &kexinit);
	return 0;
}

static int observe(struct probe_run *run)
{
	struct talk talk = {.service = probe_service(run, "service")};
	int ret = stream_dial(&talk.stream, run, talk.service, DIAL_MS);

	if (ret != 0) {
		return probe_dial_failed(run, talk.service, ret);
	}
	talk.deadline = clock_ns() + ANSWER_MS * NS_PER_MS;
	ret = ask(&talk);
	stream_release(&talk.stream);
	return ret;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "the SSH service", NULL, 0, 0},
	{NULL, PARAM_INT, NULL, NULL, 0, 0},
};

static const struct fact_def facts[] = {
	{"banner", FACT_TEXT, "", "identification line"},
	{"protocol_1", FACT_BOOL, "", "it offers SSH protocol 1"},
	{"protocol_2", FACT_BOOL, "", "it offers SSH protocol 2"},
	{"kex", FACT_LIST, "", "key exchange methods"},
	{"host_key", FACT_LIST, "", "host key algorithms"},
	{"cipher", FACT_LIST, "", "ciphers, both directions"},
	{"mac", FACT_LIST, "", "MAC algorithms, both directions"},
	{"compression", FACT_LIST, "", "compression, both directions"},
	{"strict_kex", FACT_BOOL, "",
	 "it announces strict key exchange, the answer to CVE-2023-48795"},
	{NULL, FACT_BOOL, NULL, NULL},
};

const struct probe probe_ssh_algorithms = {
	.id = "ssh.algorithms",
	.summary = "algorithms an SSH server announces",
	.source = "RFC 4253 sections 4.2, 6 and 7.1",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 30,
	.params = params,
	.facts = facts,
	.observe = observe,
};
