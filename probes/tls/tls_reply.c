/* tls_reply: ServerHello and what follows it (RFC 6101, 2246, 4346, 5246, 8446).
 * Contract in tls_reply.h. */
#include "probes/tls/tls_reply.h"
#include "harness/base/bytes.h"
#include "probes/tls/tls_names.h"
#include "probes/tls/tls_wire.h"

#include <string.h>

#include "harness/banned.h"

enum {
	/* 2^14 and the most that any version lets protection add */
	RECORD_MAX = 16384 + 2048,
	ALERT_FATAL = 2,
	ALERT_CLOSE_NOTIFY = 0,
};

static void read_extension(struct reader body, uint16_t type, struct tls_reply *reply)
{
	switch (type) {
	case TLS_EXTENSION_VERSIONS:
		reply->version = reader_be16(&body);
		break;
	case TLS_EXTENSION_KEY_SHARE: /* only the group in a retry, else share too */
		reply->group = reader_be16(&body);
		break;
	case TLS_EXTENSION_RENEGOTIATION:
		reply->secure_renegotiation = true;
		break;
	default:
		break;
	}
}

/* ServerHello (RFC 8446 4.1.3): uint16 legacy_version, opaque random[32],
 * opaque session_id<0..32>, uint16 suite, uint8 compression, extensions. */
static bool read_server_hello(struct reader r, struct tls_reply *reply)
{
	/* SHA-256 of "HelloRetryRequest", RFC 8446 4.1.3 */
	static const uint8_t retry[32] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11,
					  0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
					  0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E,
					  0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};
	struct reader extensions, body;
	const uint8_t *random;
	uint16_t type;

	reply->version = reader_be16(&r);
	random = reader_bytes(&r, sizeof(retry));
	reader_skip(&r, reader_u8(&r));
	reply->suite = reader_be16(&r);
	reply->compression = reader_u8(&r);
	if (!reader_ok(&r)) {
		return false;
	}
	reply->retry = memcmp(random, retry, sizeof(retry)) == 0;
	if (reader_left(&r) == 0) {
		return true;
	}
	extensions = reader_sub(&r, reader_be16(&r));
	while (reader_ok(&extensions) && reader_left(&extensions) > 0) {
		type = reader_be16(&extensions);
		body = reader_sub(&extensions, reader_be16(&extensions));
		read_extension(body, type, reply);
	}
	return reader_ok(&extensions) && reader_ok(&r) && reader_left(&r) == 0;
}

static uint32_t bits_of(struct reader number)
{
	uint8_t top = 0;
	uint32_t bits = 0;

	while (reader_left(&number) > 0 && top == 0) {
		top = reader_u8(&number);
	}
	for (bits = 0; top != 0; top >>= 1) {
		bits++;
	}
	return bits + 8 * (uint32_t)reader_left(&number);
}

/* ServerKeyExchange: a named curve (RFC 8422 5.4) or the prime first (RFC 5246
 * 7.4.3). */
static void read_key_exchange(struct reader r, struct tls_reply *reply)
{
	enum { NAMED_CURVE = 3 };

	if (tls_suite_ecdhe(reply->suite)) {
		if (reader_u8(&r) == NAMED_CURVE) {
			reply->group = reader_be16(&r);
		}
	} else if (tls_suite_dhe(reply->suite)) {
		reply->dh_bits = bits_of(reader_sub(&r, reader_be16(&r)));
	}
}

/* The records' handshake bytes put together, and what ended them. */
struct stream {
	uint8_t *bytes; /* TLS_REPLY_MAX */
	size_t size;
	bool broken;
	bool ended; /* by a fatal alert */
	uint8_t alert;
};

static void read_alert(struct reader body, struct stream *stream)
{
	uint8_t level = reader_u8(&body);

	stream->alert = reader_u8(&body);
	/* Warnings such as unrecognized_name may precede the ServerHello. */
	stream->ended =
		reader_ok(&body) && (level == ALERT_FATAL || stream->alert == ALERT_CLOSE_NOTIFY);
	stream->broken = !reader_ok(&body);
}

static void read_records(struct reader r, struct stream *stream)
{
	struct reader body;
	uint8_t type;
	uint16_t size;
	size_t have;

	while (reader_left(&r) > 0 && !stream->broken && !stream->ended) {
		type = reader_u8(&r);
		if (type < TLS_RECORD_CHANGE_CIPHER_SPEC || type > TLS_RECORD_HANDSHAKE) {
			stream->broken = true;
			return;
		}
		if (reader_left(&r) >= 1 && *r.at != 3) {
			stream->broken = true;
			return;
		}
		reader_skip(&r, 2);
		size = reader_be16(&r);
		if (!reader_ok(&r)) {
			return;
		}
		have = reader_left(&r) < size ? reader_left(&r) : size;
		stream->broken = size > RECORD_MAX;
		body = reader_sub(&r, have);
		if (type == TLS_RECORD_HANDSHAKE) {
			memcpy(stream->bytes + stream->size, body.at, have);
			stream->size += have;
		} else if (type == TLS_RECORD_ALERT && have == size) {
			read_alert(body, stream);
		}
	}
}

/* Reads message after message. Returns true once reply is complete. */
static bool read_messages(const struct stream *stream, bool key_exchange, struct tls_reply *reply)
{
	struct reader r = reader_of(stream->bytes, stream->size);
	struct reader body;
	bool hello = false;
	uint8_t type;

	while (reader_left(&r) > 0) {
		type = reader_u8(&r);
		if (!hello && type != TLS_MESSAGE_SERVER_HELLO) {
			reply->answer = TLS_ANSWER_BROKEN;
			return true;
		}
		body = reader_sub(&r, reader_be24(&r));
		if (!reader_ok(&r)) {
			return false;
		}
		if (!hello && !read_server_hello(body, reply)) {
			reply->answer = TLS_ANSWER_BROKEN;
			return true;
		}
		reply->answer = TLS_ANSWER_HELLO;
		hello = true;
		if (!key_exchange || reply->version >= TLS_1_3) {
			return true;
		}
		if (type == TLS_MESSAGE_SERVER_KEY_EXCHANGE) {
			read_key_exchange(body, reply);
			return true;
		}
		if (type == TLS_MESSAGE_CERTIFICATE_REQUEST ||
		    type == TLS_MESSAGE_SERVER_HELLO_DONE) {
			return true;
		}
	}
	return false;
}

struct tls_reply tls_reply_read(const void *bytes, size_t size, bool key_exchange)
{
	uint8_t storage[TLS_REPLY_MAX];
	struct stream stream = {.bytes = storage};
	struct tls_reply reply = {.answer = TLS_ANSWER_MORE};

	if (size > sizeof(storage)) {
		reply.answer = TLS_ANSWER_BROKEN;
		return reply;
	}
	read_records(reader_of(bytes, size), &stream);
	if (read_messages(&stream, key_exchange, &reply)) {
		return reply;
	}
	if (reply.answer == TLS_ANSWER_HELLO && (stream.ended || stream.broken)) {
		return reply; /* it had accepted before it changed its mind */
	}
	if (stream.broken) {
		reply = (struct tls_reply){.answer = TLS_ANSWER_BROKEN};
	} else if (stream.ended) {
		reply = (struct tls_reply){.answer = TLS_ANSWER_ALERT, .alert = stream.alert};
	} else {
		reply = (struct tls_reply){.answer = TLS_ANSWER_MORE};
	}
	return reply;
}
