/* ssh_keys: the client's half of a key exchange that is never finished. Contract
 * in ssh_keys.h. */
#include "probes/ssh/ssh_keys.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

enum {
	MSG_KEXDH_INIT = 30, /* also KEX_ECDH_INIT */
	MSG_KEXDH_REPLY = 31,
	MSG_GEX_REQUEST = 34,
	MSG_GEX_GROUP = 31,
	MSG_GEX_INIT = 32,
	MSG_GEX_REPLY = 33,
	/* What a client asks for that would take anything (RFC 4419 3). */
	GROUP_LEAST = 1024,
	GROUP_MOST = 8192,
	SHARE_SIZE = 32,
	SNTRUP_SIZE = 1158 + 32, /* its public key, and X25519's */
};

static bool name_is(struct ssh_slice name, const char *text)
{
	return name.size == strlen(text) && memcmp(name.at, text, name.size) == 0;
}

/* The first of the wanted names that the list has, wanted first. */
static bool choose(struct ssh_slice list, const char *const *wanted, char ret[64])
{
	struct ssh_slice rest, name;

	for (; *wanted != NULL; wanted++) {
		rest = list;
		while (ssh_names_next(&rest, &name)) {
			if (name_is(name, *wanted)) {
				snprintf(ret, 64, "%s", *wanted);
				return true;
			}
		}
	}
	return false;
}

static bool first(struct ssh_slice list, char ret[64])
{
	struct ssh_slice name;

	while (ssh_names_next(&list, &name)) {
		if (name.size > 0 && name.size < 64) {
			snprintf(ret, 64, "%.*s", (int)name.size, (const char *)name.at);
			return true;
		}
	}
	return false;
}

bool ssh_keys_choose(const struct ssh_kexinit *server, struct ssh_keys_choice *ret)
{
	static const char *const rsa[] = {"rsa-sha2-512", "rsa-sha2-256", "ssh-rsa", NULL};
	static const char *const groups[] = {"diffie-hellman-group-exchange-sha256",
					     "diffie-hellman-group-exchange-sha1", NULL};
	static const char *const others[] = {
		"curve25519-sha256",
		"curve25519-sha256@libssh.org",
		"ecdh-sha2-nistp256",
		"ecdh-sha2-nistp384",
		"ecdh-sha2-nistp521",
		"sntrup761x25519-sha512",
		"sntrup761x25519-sha512@openssh.com",
		"diffie-hellman-group14-sha256",
		"diffie-hellman-group16-sha512",
		"diffie-hellman-group18-sha512",
		"diffie-hellman-group14-sha1",
		"diffie-hellman-group1-sha1",
		NULL,
	};
	struct ssh_keys_choice choice = {.rsa = false};

	choice.rsa = choose(server->list[SSH_HOST_KEY], rsa, choice.host_key);
	choice.group_exchange = choose(server->list[SSH_KEX], groups, choice.kex);
	if ((!choice.rsa && !choice.group_exchange) ||
	    (!choice.rsa && !first(server->list[SSH_HOST_KEY], choice.host_key)) ||
	    (!choice.group_exchange && !choose(server->list[SSH_KEX], others, choice.kex)) ||
	    !first(server->list[SSH_CIPHER_OUT], choice.cipher_out) ||
	    !first(server->list[SSH_CIPHER_IN], choice.cipher_in)) {
		return false;
	}
	/* none is needed beside a cipher that authenticates by itself */
	(void)first(server->list[SSH_MAC_OUT], choice.mac_out);
	(void)first(server->list[SSH_MAC_IN], choice.mac_in);
	*ret = choice;
	return true;
}

/* --- out ---------------------------------------------------------------------- */

/* uint32 packet_length, byte padding_length, payload, padding: in all a multiple
 * of 8, with at least 4 bytes of padding. */
static size_t packet(const uint8_t *payload, size_t size, uint8_t out[SSH_KEYS_PACKET_MAX])
{
	struct writer w = writer_of(out, SSH_KEYS_PACKET_MAX);
	size_t padding = 8 - (size + 5) % 8;

	padding += padding < 4 ? 8 : 0;
	writer_be32(&w, (uint32_t)(size + padding + 1));
	writer_u8(&w, (uint8_t)padding);
	writer_bytes(&w, payload, size);
	while (padding-- > 0) {
		writer_u8(&w, 0);
	}
	if (!writer_ok(&w)) {
		BUG("an SSH packet does not fit SSH_KEYS_PACKET_MAX");
	}
	return w.size;
}

static void write_text(struct writer *w, const char *text)
{
	writer_be32(w, (uint32_t)strlen(text));
	writer_bytes(w, text, strlen(text));
}

size_t ssh_write_kexinit(const struct ssh_keys_choice *choice, const uint8_t cookie[16],
			 uint8_t out[SSH_KEYS_PACKET_MAX])
{
	const char *const lists[SSH_LISTS] = {choice->kex,
					      choice->host_key,
					      choice->cipher_out,
					      choice->cipher_in,
					      choice->mac_out,
					      choice->mac_in,
					      "none,zlib@openssh.com",
					      "none,zlib@openssh.com",
					      "",
					      ""};
	uint8_t payload[SSH_KEYS_PACKET_MAX - 16];
	struct writer w = writer_of(payload, sizeof(payload));
	size_t i;

	writer_u8(&w, SSH_MSG_KEXINIT);
	writer_bytes(&w, cookie, 16);
	for (i = 0; i < SSH_LISTS; i++) {
		write_text(&w, lists[i]);
	}
	writer_u8(&w, 0);
	writer_be32(&w, 0);
	return packet(payload, w.size, out);
}

size_t ssh_write_group_request(uint8_t out[SSH_KEYS_PACKET_MAX])
{
	uint8_t payload[16];
	struct writer w = writer_of(payload, sizeof(payload));

	writer_u8(&w, MSG_GEX_REQUEST);
	writer_be32(&w, GROUP_LEAST);
	writer_be32(&w, GROUP_LEAST);
	writer_be32(&w, GROUP_MOST);
	return packet(payload, w.size, out);
}

/* So many bytes of share, again and again. */
static void write_share(struct writer *w, const uint8_t share[SHARE_SIZE], size_t size)
{
	for (; size > SHARE_SIZE; size -= SHARE_SIZE) {
		writer_bytes(w, share, SHARE_SIZE);
	}
	writer_bytes(w, share, size);
}

/* The curve of ecdh-sha2-nistp... (RFC 5656), or 0. */
static int curve_of(const char *kex)
{
	static const struct {
		const char *kex;
		int curve;
	} rows[] = {
		{"ecdh-sha2-nistp256", NID_X9_62_prime256v1},
		{"ecdh-sha2-nistp384", NID_secp384r1},
		{"ecdh-sha2-nistp521", NID_secp521r1},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].kex, kex) == 0) {
			return rows[i].curve;
		}
	}
	return 0;
}

/* The curve's base point, as a point that has to lie on it. */
static void write_point(struct writer *w, int curve)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(curve);
	uint8_t point[160];
	size_t size;

	if (group == NULL) {
		BUG("libcrypto lacks a curve of ssh_keys");
	}
	size = EC_POINT_point2oct(group, EC_GROUP_get0_generator(group),
				  POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point), NULL);
	writer_be32(w, (uint32_t)size);
	writer_bytes(w, point, size);
	EC_GROUP_free(group);
}

/* A public value that is in range for every group: the exchange is not finished,
 * so that nothing hangs on its being a good one. */
size_t ssh_write_exchange(const struct ssh_keys_choice *choice, const uint8_t share[32],
			  uint8_t out[SSH_KEYS_PACKET_MAX])
{
	uint8_t payload[SSH_KEYS_PACKET_MAX - 16];
	struct writer w = writer_of(payload, sizeof(payload));

	writer_u8(&w, choice->group_exchange ? MSG_GEX_INIT : MSG_KEXDH_INIT);
	if (curve_of(choice->kex) != 0) {
		write_point(&w, curve_of(choice->kex));
	} else if (strncmp(choice->kex, "curve25519", 10) == 0) {
		writer_be32(&w, SHARE_SIZE);
		write_share(&w, share, SHARE_SIZE);
	} else if (strncmp(choice->kex, "sntrup761", 9) == 0) {
		writer_be32(&w, SNTRUP_SIZE);
		write_share(&w, share, SNTRUP_SIZE);
	} else { /* an mpint of 897 bits: far from 1 and from a prime of 1024 */
		writer_be32(&w, 113);
		writer_u8(&w, 1);
		write_share(&w, share, 112);
	}
	return packet(payload, w.size, out);
}

/* --- in ----------------------------------------------------------------------- */

static uint32_t mpint_bits(struct reader *r)
{
	struct reader number = reader_sub(r, reader_be32(r));
	uint32_t bits = 0;
	uint8_t top = 0;

	while (reader_left(&number) > 0 && top == 0) {
		top = reader_u8(&number);
	}
	for (; top != 0; top >>= 1) {
		bits++;
	}
	return reader_ok(r) ? bits + 8 * (uint32_t)reader_left(&number) : 0;
}

uint32_t ssh_group_bits(struct ssh_slice payload)
{
	struct reader r = reader_of(payload.at, payload.size);

	return reader_u8(&r) == MSG_GEX_GROUP ? mpint_bits(&r) : 0;
}

/* K_S comes first: string "ssh-rsa", mpint e, mpint n (RFC 4253 6.6); in an
 * OpenSSH certificate a nonce stands between. */
uint32_t ssh_rsa_bits(struct ssh_slice payload)
{
	struct reader r = reader_of(payload.at, payload.size), key;
	uint8_t message = reader_u8(&r);
	struct ssh_slice type;

	if (message != MSG_KEXDH_REPLY && message != MSG_GEX_REPLY) {
		return 0;
	}
	key = reader_sub(&r, reader_be32(&r));
	type.size = reader_be32(&key);
	type.at = reader_bytes(&key, type.size);
	if (!reader_ok(&key)) {
		return 0;
	}
	if (name_is(type, "ssh-rsa-cert-v01@openssh.com")) {
		reader_skip(&key, reader_be32(&key));
	} else if (!name_is(type, "ssh-rsa")) {
		return 0;
	}
	reader_skip(&key, reader_be32(&key)); /* e */
	return mpint_bits(&key);
}
