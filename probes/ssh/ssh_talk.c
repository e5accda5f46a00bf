/* ssh_talk: identification, list of algorithms, and what follows, unencrypted. Contract
 * in ssh_talk.h. */
#include <string.h>

#include "harness/base/mark.h"
#include "probes/ssh/ssh_keys.h"
#include "probes/ssh/ssh_talk.h"

#include "harness/banned.h"

enum {
	DIAL_MS = 10000,
	ANSWER_MS = 10000,      /* from the connection to the whole KEXINIT */
	BEFORE_KEXINIT_MAX = 8, /* messages that may come first */
	/* Some servers list nothing before the client has. */
	PATIENCE_MS = 1500,
};

int ssh_talk_dial(struct ssh_talk *talk, struct probe_run *run, const struct service *service)
{
	int ret;

	*talk = (struct ssh_talk){.service = service};
	ret = stream_dial(&talk->stream, run, service, DIAL_MS);
	if (ret != 0) {
		return probe_dial_failed(run, service, ret);
	}
	talk->deadline = clock_ns() + ANSWER_MS * NS_PER_MS;
	return 0;
}

void ssh_talk_send(struct ssh_talk *talk, const uint8_t *packet, size_t size)
{
	if (stream_write(&talk->stream, packet, size, talk->deadline) != 0) {
		probe_note(talk->stream.run, "writing: %s", talk->stream.reason);
	}
}

/* The client's list before the server's: what every client has. */
static void list_first(struct ssh_talk *talk)
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

	talk->listed = true;
	probe_note(talk->stream.run, "it lists nothing yet: our own list is sent first");
	mark_fill(cookie, sizeof(cookie));
	ssh_talk_send(talk, packet, ssh_write_kexinit(&usual, cookie, packet));
}

/* Reads some more. Returns 0, or -1 with the run given up. */
static int more(struct ssh_talk *talk, const char *what)
{
	struct stream *stream = &talk->stream;
	int64_t patience = clock_ns() + PATIENCE_MS * NS_PER_MS;

	if (stream_more(stream, patience < talk->deadline ? patience : talk->deadline) > 0) {
		return 0;
	}
	if (stream->end == STREAM_SILENT) {
		if (!talk->listed && talk->used > 0) {
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

void ssh_talk_note(struct ssh_talk *talk, const char *what, struct ssh_slice slice)
{
	char text[1024];

	text_printable(text, sizeof(text), slice.at, slice.size);
	probe_note(talk->stream.run, "%s: %s", what, text);
}

int ssh_talk_banner(struct ssh_talk *talk, struct ssh_slice *ret)
{
	static const char hello[] = "SSH-2.0-assay\r\n";
	enum ssh_taken taken;

	/* A failed write shows in the read that follows. */
	ssh_talk_send(talk, (const uint8_t *)hello, strlen(hello));
	for (;;) {
		taken = ssh_banner_take(talk->stream.held, talk->stream.have, ret, &talk->used);
		if (taken == SSH_TAKEN) {
			ssh_talk_note(talk, "identification", *ret);
			return 0;
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
}

/* Takes the next packet's payload off the stream, if it is there. */
static enum ssh_taken take_packet(struct ssh_talk *talk, struct ssh_slice *ret)
{
	enum ssh_taken taken;
	size_t used;

	taken = ssh_packet_take(talk->stream.held + talk->used, talk->stream.have - talk->used, ret,
				&used);
	if (taken == SSH_TAKEN) {
		talk->used += used;
	}
	return taken;
}

static int read_packet(struct ssh_talk *talk, struct ssh_slice *ret)
{
	enum ssh_taken taken;

	for (;;) {
		taken = take_packet(talk, ret);
		if (taken == SSH_TAKEN) {
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

int ssh_talk_kexinit(struct ssh_talk *talk, struct ssh_kexinit *ret)
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
			ssh_talk_note(talk, "disconnect", payload);
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

bool ssh_talk_await(struct ssh_talk *talk, struct ssh_slice *ret)
{
	enum ssh_taken taken;

	for (;;) {
		taken = take_packet(talk, ret);
		if (taken == SSH_TAKEN) {
			if (ret->size > 0 && ret->at[0] >= SSH_MSG_KEXINIT) {
				return true;
			}
			if (ret->size > 0 && ret->at[0] == SSH_MSG_DISCONNECT) {
				ssh_talk_note(talk, "disconnect", *ret);
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
