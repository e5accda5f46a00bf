/*
 * tls_hello: ClientHello out, ServerHello in (RFC 6101, 2246, 4346, 5246,
 * 8446). Contract in tls_hello.h.
 */
#include "probes/tls/tls_hello.h"
#include "harness/base/text.h"

#include <string.h>

#include "harness/banned.h"

enum {
	RECORD_CHANGE_CIPHER_SPEC = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	/* 2^14 and the most that any version lets protection add */
	RECORD_MAX = 16384 + 2048,

	MESSAGE_CLIENT_HELLO = 1,
	MESSAGE_SERVER_HELLO = 2,
	MESSAGE_SERVER_KEY_EXCHANGE = 12,
	MESSAGE_CERTIFICATE_REQUEST = 13,
	MESSAGE_SERVER_HELLO_DONE = 14,

	EXTENSION_SERVER_NAME = 0,
	EXTENSION_GROUPS = 10,
	EXTENSION_POINT_FORMATS = 11,
	EXTENSION_SIGNATURES = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_PADDING = 21,
	EXTENSION_VERSIONS = 43,
	EXTENSION_KEY_SHARE = 51,
	EXTENSION_RENEGOTIATION = 0xFF01,

	SUITE_RENEGOTIATION_SCSV = 0x00FF, /* RFC 5746 */
	RECORD_HEADER = 5,
	PADDED = 512,
	ALERT_FATAL = 2,
	ALERT_CLOSE_NOTIFY = 0,
};

/* --- out ---------------------------------------------------------------- */

static void write_server_name(struct writer *w, const char *name)
{
	size_t extension, list, host;

	writer_be16(w, EXTENSION_SERVER_NAME);
	extension = writer_begin(w, 2);
	list = writer_begin(w, 2);
	writer_u8(w, 0); /* host_name */
	host = writer_begin(w, 2);
	writer_bytes(w, name, strlen(name));
	writer_end(w, host, 2);
	writer_end(w, list, 2);
	writer_end(w, extension, 2);
}

static void write_numbers(struct writer *w, uint16_t extension, const uint16_t *numbers,
			  size_t count)
{
	size_t mark, list, i;

	writer_be16(w, extension);
	mark = writer_begin(w, 2);
	list = writer_begin(w, 2);
	for (i = 0; i < count; i++) {
		writer_be16(w, numbers[i]);
	}
	writer_end(w, list, 2);
	writer_end(w, mark, 2);
}

/* Every pair that was ever usual, MD5 and SHA-1 too: a server that can sign
 * with nothing else must not look as if it refused the suite. */
static void write_signatures(struct writer *w)
{
	static const uint16_t signatures[] = {
		0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A,
		0x080B, 0x081A, 0x081B, 0x081C, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0302,
		0x0402, 0x0502, 0x0602, 0x0708, 0x0203, 0x0201, 0x0202, 0x0101,
	};

	write_numbers(w, EXTENSION_SIGNATURES, signatures, ARRAY_SIZE(signatures));
}

static void write_tls13(struct writer *w, const struct tls_offer *offer)
{
	size_t extension, list, share, i;

	writer_be16(w, EXTENSION_VERSIONS);
	extension = writer_begin(w, 2);
	writer_u8(w, 2);
	writer_be16(w, TLS_1_3);
	writer_end(w, extension, 2);

	writer_be16(w, EXTENSION_KEY_SHARE);
	extension = writer_begin(w, 2);
	list = writer_begin(w, 2);
	for (i = 0; i < offer->share_count; i++) {
		writer_be16(w, offer->shares[i].group);
		share = writer_begin(w, 2);
		writer_bytes(w, offer->shares[i].bytes, offer->shares[i].size);
		writer_end(w, share, 2);
	}
	writer_end(w, list, 2);
	writer_end(w, extension, 2);
}

static void write_alpn(struct writer *w)
{
	static const char *const names[] = {"h2", "http/1.1"};
	size_t extension, list, i;

	writer_be16(w, EXTENSION_ALPN);
	extension = writer_begin(w, 2);
	list = writer_begin(w, 2);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		writer_u8(w, (uint8_t)strlen(names[i]));
		writer_bytes(w, names[i], strlen(names[i]));
	}
	writer_end(w, list, 2);
	writer_end(w, extension, 2);
}

static void write_padding(struct writer *w)
{
	size_t size = w->size - RECORD_HEADER;
	size_t padding = size + 4 < PADDED ? PADDED - size - 4 : 0;

	if (size <= 255 || size >= PADDED) {
		return;
	}
	writer_be16(w, EXTENSION_PADDING);
	writer_be16(w, (uint16_t)padding);
	while (padding-- > 0) {
		writer_u8(w, 0);
	}
}

static void write_extensions(struct writer *w, const struct tls_offer *offer)
{
	size_t mark = writer_begin(w, 2);

	if (offer->server_name != NULL) {
		write_server_name(w, offer->server_name);
	}
	if (offer->group_count > 0) {
		write_numbers(w, EXTENSION_GROUPS, offer->groups, offer->group_count);
		writer_be16(w, EXTENSION_POINT_FORMATS);
		writer_be16(w, 2);
		writer_u8(w, 1);
		writer_u8(w, 0); /* uncompressed */
	}
	if (offer->version >= TLS_1_2) {
		write_signatures(w);
	}
	if (offer->alpn) {
		write_alpn(w);
	}
	if (offer->version == TLS_1_3) {
		write_tls13(w, offer);
	} else {
		writer_be16(w, EXTENSION_RENEGOTIATION);
		writer_be16(w, 1);
		writer_u8(w, 0);
	}
	if (offer->pad) {
		write_padding(w);
	}
	writer_end(w, mark, 2);
}

static bool has_extensions(const struct tls_offer *offer)
{
	return offer->version != TLS_SSL_3_0 && !offer->bare;
}

static void write_suites(struct writer *w, const struct tls_offer *offer)
{
	size_t mark = writer_begin(w, 2);
	size_t i;

	for (i = 0; i < offer->suite_count; i++) {
		writer_be16(w, offer->suites[i]);
	}
	if (!has_extensions(offer)) {
		writer_be16(w, SUITE_RENEGOTIATION_SCSV);
	}
	writer_end(w, mark, 2);
}

/*
 * ClientHello (RFC 8446 4.1.2, the same bytes since RFC 6101):
 *      uint16 legacy_version, opaque random[32], opaque session_id<0..32>,
 *      suites<2..2^16-2>, compression_methods<1..2^8-1>, extensions<0..2^16-1>
 */
size_t tls_hello_write(const struct tls_offer *offer, const uint8_t random[TLS_HELLO_RANDOM],
		       void *out, size_t capacity)
{
	struct writer w = writer_of(out, capacity);
	bool tls13 = offer->version == TLS_1_3;
	size_t record, message;

	writer_u8(&w, RECORD_HANDSHAKE);
	writer_be16(&w, offer->version == TLS_SSL_3_0 ? TLS_SSL_3_0 : TLS_1_0);
	record = writer_begin(&w, 2);
	writer_u8(&w, MESSAGE_CLIENT_HELLO);
	message = writer_begin(&w, 3);
	writer_be16(&w, tls13 ? TLS_1_2 : offer->version);
	writer_bytes(&w, random, 32);
	writer_u8(&w, tls13 ? 32 : 0);
	writer_bytes(&w, random + 32, tls13 ? 32 : 0);
	write_suites(&w, offer);
	writer_u8(&w, tls13 ? 1 : 2);
	if (!tls13) {
		writer_u8(&w, 1); /* DEFLATE: CRIME needs it */
	}
	writer_u8(&w, 0);
	if (has_extensions(offer)) {
		write_extensions(&w, offer);
	}
	writer_end(&w, message, 3);
	writer_end(&w, record, 2);
	return writer_ok(&w) ? w.size : 0;
}

/* --- in ----------------------------------------------------------------- */

static void read_extension(struct reader body, uint16_t type, struct tls_reply *reply)
{
	switch (type) {
	case EXTENSION_VERSIONS:
		reply->version = reader_be16(&body);
		break;
	case EXTENSION_KEY_SHARE: /* only the group in a retry, else share too */
		reply->group = reader_be16(&body);
		break;
	case EXTENSION_RENEGOTIATION:
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
		if (type < RECORD_CHANGE_CIPHER_SPEC || type > RECORD_HANDSHAKE) {
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
		if (type == RECORD_HANDSHAKE) {
			memcpy(stream->bytes + stream->size, body.at, have);
			stream->size += have;
		} else if (type == RECORD_ALERT && have == size) {
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
		if (!hello && type != MESSAGE_SERVER_HELLO) {
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
		if (type == MESSAGE_SERVER_KEY_EXCHANGE) {
			read_key_exchange(body, reply);
			return true;
		}
		if (type == MESSAGE_CERTIFICATE_REQUEST || type == MESSAGE_SERVER_HELLO_DONE) {
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
