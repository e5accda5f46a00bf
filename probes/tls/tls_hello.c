/* tls_hello: ClientHello (RFC 6101, 2246, 4346, 5246, 8446). Contract in tls_hello.h. */
#include "probes/tls/tls_hello.h"
#include "harness/base/bytes.h"
#include "harness/base/text.h"
#include "probes/tls/tls_wire.h"

#include <string.h>

#include "harness/banned.h"

enum {
	SUITE_RENEGOTIATION_SCSV = 0x00FF, /* RFC 5746 */
	RECORD_HEADER = 5,
	PADDED = 512,
};

static void write_server_name(struct writer *w, const char *name)
{
	size_t extension, list, host;

	writer_be16(w, TLS_EXTENSION_SERVER_NAME);
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

	write_numbers(w, TLS_EXTENSION_SIGNATURES, signatures, ARRAY_SIZE(signatures));
}

static void write_tls13(struct writer *w, const struct tls_offer *offer)
{
	size_t extension, list, share, i;

	writer_be16(w, TLS_EXTENSION_VERSIONS);
	extension = writer_begin(w, 2);
	writer_u8(w, 2);
	writer_be16(w, TLS_1_3);
	writer_end(w, extension, 2);

	writer_be16(w, TLS_EXTENSION_KEY_SHARE);
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

	writer_be16(w, TLS_EXTENSION_ALPN);
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
	writer_be16(w, TLS_EXTENSION_PADDING);
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
		write_numbers(w, TLS_EXTENSION_GROUPS, offer->groups, offer->group_count);
		writer_be16(w, TLS_EXTENSION_POINT_FORMATS);
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
		writer_be16(w, TLS_EXTENSION_RENEGOTIATION);
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

	writer_u8(&w, TLS_RECORD_HANDSHAKE);
	writer_be16(&w, offer->version == TLS_SSL_3_0 ? TLS_SSL_3_0 : TLS_1_0);
	record = writer_begin(&w, 2);
	writer_u8(&w, TLS_MESSAGE_CLIENT_HELLO);
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
