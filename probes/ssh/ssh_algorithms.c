/*
 * ssh.algorithms: the algorithm lists an SSH server announces, and the sizes of its
 * RSA host key and of its group exchange's prime, read on one connection. It
 * finishes no key exchange and does not log in.
 */
#include <stdio.h>
#include <string.h>

#include "harness/base/mark.h"
#include "probes/ssh/ssh_keys.h"
#include "probes/ssh/ssh_talk.h"

#include "harness/banned.h"

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

static void saw_kexinit(struct ssh_talk *talk, const struct ssh_kexinit *kexinit)
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
	struct probe_run *run = talk->stream.run;
	bool strict = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reported); i++) {
		if (i == 0 || strcmp(reported[i].fact, reported[i - 1].fact) != 0) {
			probe_saw_none(run, reported[i].fact);
		}
		ssh_talk_note(talk, reported[i].fact, kexinit->list[reported[i].list]);
		saw_names(run, reported[i].fact, kexinit->list[reported[i].list]);
	}
	while (ssh_names_next(&list, &name)) {
		strict |= ssh_name_is_strict(name);
	}
	probe_saw_bool(run, "strict_kex", strict);
	probe_saw_bool(run, "terrapin_exposed", terrapin_exposed(kexinit));
}

static void saw_bits(struct ssh_talk *talk, const char *fact, uint32_t bits, const char *unsettled)
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
static void look_at_keys(struct ssh_talk *talk, const struct ssh_kexinit *server)
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
	going = !talk->listed && ssh_keys_choose(server, &choice);
	if (going) {
		mark_fill(random, sizeof(random));
		ssh_talk_send(talk, packet, ssh_write_kexinit(&choice, random, packet));
	}
	if (going && choice.group_exchange) {
		ssh_talk_send(talk, packet, ssh_write_group_request(packet));
		going = ssh_talk_await(talk, &payload);
		group_bits = going ? ssh_group_bits(payload) : 0;
	}
	if (going && choice.rsa) {
		ssh_talk_send(talk, packet, ssh_write_exchange(&choice, random + 16, packet));
		rsa_bits = ssh_talk_await(talk, &payload) ? ssh_rsa_bits(payload) : 0;
	}
	if (groups) {
		saw_bits(talk, "group_bits", group_bits, "the prime of the group exchange");
	}
	if (rsa) {
		saw_bits(talk, "rsa_bits", rsa_bits, "the size of the RSA host key");
	}
}

static struct ssh_versions saw_banner(struct probe_run *run, struct ssh_slice banner)
{
	struct ssh_versions versions = ssh_banner_versions(banner);
	char text[1024];

	probe_saw_text(run, "banner", text_printable(text, sizeof(text), banner.at, banner.size));
	probe_saw_bool(run, "protocol_1", versions.one);
	probe_saw_bool(run, "protocol_2", versions.two);
	return versions;
}

static int ask(struct ssh_talk *talk)
{
	struct ssh_kexinit kexinit = {.first_kex_follows = false};
	struct ssh_slice banner;

	if (ssh_talk_banner(talk, &banner) != 0) {
		return -1;
	}
	if (!saw_banner(talk->stream.run, banner).two) {
		return 0; /* protocol 1 has no lists: they stay unreported */
	}
	if (ssh_talk_kexinit(talk, &kexinit) != 0) {
		return -1;
	}
	saw_kexinit(talk, &kexinit);
	look_at_keys(talk, &kexinit);
	return 0;
}

static int observe(struct probe_run *run)
{
	struct ssh_talk talk;
	int ret = ssh_talk_dial(&talk, run, probe_service(run, "service"));

	if (ret == 0) {
		ret = ask(&talk);
		stream_release(&talk.stream);
	}
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
