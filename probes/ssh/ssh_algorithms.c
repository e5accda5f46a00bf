/*
 * ssh.algorithms: the algorithm lists an SSH server announces, and the sizes of its
 * RSA host key and of its group exchange's prime, read on one connection. It
 * finishes no key exchange and does not log in.
 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "probes/ssh/ssh_keys.h"
#include "probes/ssh/ssh_packet.h"
#include "probes/stream/stream.h"

#include "probes/probe.h"

enum {
	DIAL_MS = 10000,
	ANSWER_MS = 10000,      /* from the connection to the whole KEXINIT */
	BEFORE_KEXINIT_MAX = 8, /* messages that may come first */
	/* Some servers list nothing before the client has. */
	PATIENCE_MS = 1500,
};

struct talk {
	struct stream stream;
	const struct service *service;
	int64_t deadline;
	size_t used;   /* of what the stream holds */
	bool listened; /* our own list is sent */
};

static void fill_random(uint8_t *bytes, size_t size)
{
	if (getrandom(bytes, size, GRND_NONBLOCK) != (ssize_t)size) {
		memset(bytes, (int)(clock_ns() & 0x7F), size);
	}
}

static void send_packet(struct talk *talk, const uint8_t *packet, size_t size)
{
	if (stream_write(&talk->stream, packet, size, talk->deadline) != 0) {
		probe_note(talk->stream.run, "writing: %s", talk->stream.reason);
	}
}

/* The client's list before the server's: what every client has. */
static void list_first(struct talk *talk)
{
	const struct ssh_keys_choice usual = {
		.kex = "curve25519-sha256,diffie-hellman-group14-sha256",
		.host_key = "ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ssh-rsa",
		.cipher_out = "aes128-ctr,aes256-ctr,3des-cbc,aes128-cbc",
		.cipher_in = "aes128-ctr,aes256-ctr,3des-cbc,aes128-cbc",
		.mac_out = "hmac-sha2-256,hmac-sha1",
		.mac_in = "hmac-sha2-256,hmac-sha1",
	};
	uint8_t packet[SSH_KEYS_PACKET_MAX], cookie[16];

	talk->listened = true;
	probe_note(talk->stream.run, "it lists nothing yet: our own list is sent first");
	fill_random(cookie, sizeof(cookie));
	send_packet(talk, packet, ssh_write_kexinit(&usual, cookie, packet));
}

/* Reads some more. Returns 0, or -1 with the run given up. */
static int more(struct talk *talk, const char *what)
{
	struct stream *stream = &talk->stream;
	int64_t patience = clock_ns() + PATIENCE_MS * NS_PER_MS;

	if (stream_more(stream, patience < talk->deadline ? patience : talk->deadline) > 0) {
		return 0;
	}
	if (stream->end == STREAM_SILENT) {
		if (!talk->listened && talk->used > 0) {
			list_first(talk);
		}
		if (stream_more(stream, talk->deadline) > 0) {
			return 0;
		}
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

static bool has_name(struct ssh_slice list, const char *start, const char *end)
{
	struct ssh_slice name;

	while (ssh_names_next(&list, &name)) {
		size_t from = strlen(start), tail = strlen(end);

		if (name.size >= from + tail && memcmp(name.at, start, from) == 0 &&
		    memcmp(name.at + name.size - tail, end, tail) == 0) {
			return true;
		}
	}
	return false;
}

/* CVE-2023-48795: what a prefix can be cut off of, where no strict key exchange is
 * announced: ChaCha20-Poly1305, or CBC with a MAC over the ciphertext. */
static bool terrapin_exposed(const struct ssh_kexinit *k)
{
	bool cut = false;
	int way;

	for (way = 0; way < 2; way++) {
		struct ssh_slice ciphers = k->list[SSH_CIPHER_OUT + way];

		cut |= has_name(ciphers, "chacha20-poly1305", "") ||
		       (has_name(ciphers, "", "-cbc") &&
			has_name(k->list[SSH_MAC_OUT + way], "", "-etm@openssh.com"));
	}
	return cut && !has_name(k->list[SSH_KEX], "kex-strict-s-", "");
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
	probe_saw_bool(run, "terrapin_exposed", terrapin_exposed(kexinit));
}

/* Waits for the server's next message of the exchange. Returns false where none
 * came, which is noted. */
static bool await(struct talk *talk, struct ssh_slice *ret)
{
	enum ssh_taken taken;
	size_t used;

	for (;;) {
		taken = ssh_packet_take(talk->stream.held + talk->used,
					talk->stream.have - talk->used, ret, &used);
		if (taken == SSH_TAKEN) {
			talk->used += used;
			if (ret->size > 0 && ret->at[0] >= SSH_MSG_KEXINIT) {
				return true;
			}
			if (ret->size > 0 && ret->at[0] == SSH_MSG_DISCONNECT) {
				note_slice(talk->stream.run, "disconnect", *ret);
				return false;
			}
			continue;
		}
		if (taken == SSH_BROKEN || stream_more(&talk->stream, talk->deadline) <= 0) {
			probe_note(talk->stream.run, "the exchange was not answered");
			return false;
		}
	}
}

static void saw_bits(struct talk *talk, const char *fact, uint32_t bits, const char *unsettled)
{
	char text[16];

	if (bits == 0) {
		probe_saw_item(talk->stream.run, "unsettled", unsettled);
		return;
	}
	snprintf(text, sizeof(text), "%u", bits);
	probe_saw_item(talk->stream.run, fact, text);
}

/* Goes on with the exchange until the server has shown what is asked for. */
static void look_at_keys(struct talk *talk, const struct ssh_kexinit *server)
{
	struct ssh_keys_choice choice = {.rsa = false};
	bool rsa = has_name(server->list[SSH_HOST_KEY], "rsa-", "") ||
		   has_name(server->list[SSH_HOST_KEY], "ssh-rsa", "");
	bool groups = has_name(server->list[SSH_KEX], "diffie-hellman-group-exchange", "");
	uint8_t packet[SSH_KEYS_PACKET_MAX], random[48];
	uint32_t group_bits = 0, rsa_bits = 0;
	struct ssh_slice payload;
	bool going;

	probe_saw_none(talk->stream.run, "rsa_bits");
	probe_saw_none(talk->stream.run, "group_bits");
	probe_saw_none(talk->stream.run, "unsettled");
	going = !talk->listened && ssh_keys_choose(server, &choice);
	if (going) {
		fill_random(random, sizeof(random));
		send_packet(talk, packet, ssh_write_kexinit(&choice, random, packet));
	}
	if (going && choice.group_exchange) {
		send_packet(talk, packet, ssh_write_group_request(packet));
		going = await(talk, &payload);
		group_bits = going ? ssh_group_bits(payload) : 0;
	}
	if (going && choice.rsa) {
		send_packet(talk, packet, ssh_write_exchange(&choice, random + 16, packet));
		rsa_bits = await(talk, &payload) ? ssh_rsa_bits(payload) : 0;
	}
	if (groups) {
		saw_bits(talk, "group_bits", group_bits, "the prime of the group exchange");
	}
	if (rsa) {
		saw_bits(talk, "rsa_bits", rsa_bits, "the size of the RSA host key");
	}
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
	look_at_keys(talk, &kexinit);
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
	{"terrapin_exposed", FACT_BOOL, "",
	 "CVE-2023-48795 can cut messages off: no strict key exchange with ciphers it concerns"},
	{"rsa_bits", FACT_LIST, "", "bits of the RSA host key"},
	{"group_bits", FACT_LIST, "", "bits of the smallest prime its group exchange gives"},
	{"unsettled", FACT_LIST, "", "what the server lists and did not show"},
	{NULL, FACT_BOOL, NULL, NULL},
};

const struct probe probe_ssh_algorithms = {
	.id = "ssh.algorithms",
	.summary = "algorithms an SSH server announces",
	.source = "RFC 4253 sections 4.2, 6, 7.1 and 8, RFC 4419, RFC 8731",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 30,
	.params = params,
	.facts = facts,
	.observe = observe,
};
