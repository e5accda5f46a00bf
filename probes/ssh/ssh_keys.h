/*
 * ssh_keys: goes on after the lists of algorithms as far as the server shows its
 * RSA host key and the prime of its group exchange, and no further: what it sends
 * is read, not verified, and no key is agreed on.
 */
#ifndef ASSAY_PROBES_SSH_KEYS_H
#define ASSAY_PROBES_SSH_KEYS_H

#include "probes/probe.h"
#include "probes/ssh/ssh_packet.h"

/* What a client offers to be shown the sizes. A name is NULL where the server
 * lists none that shows it. */
struct ssh_keys_choice {
	char kex[64], host_key[64], cipher_out[64], cipher_in[64], mac_out[64], mac_in[64];
	bool group_exchange;
	bool rsa;
};

/* Chooses from the server's lists. Returns false where there is nothing to see:
 * neither an RSA host key nor a group exchange, or no method that can be begun
 * without cryptography. */
bool ssh_keys_choose(const struct ssh_kexinit *server, struct ssh_keys_choice *ret);

enum { SSH_KEYS_PACKET_MAX = 1280 };

/* Unencrypted packets of the client's (RFC 4253 6, 7.1, 8; RFC 4419; RFC 5656; RFC 8731).
 * Each returns its size. cookie: 16 random bytes; share: 32 random bytes. */
size_t ssh_write_kexinit(const struct ssh_keys_choice *choice, const uint8_t cookie[16],
			 uint8_t out[SSH_KEYS_PACKET_MAX]);
size_t ssh_write_group_request(uint8_t out[SSH_KEYS_PACKET_MAX]);
size_t ssh_write_exchange(const struct ssh_keys_choice *choice, const uint8_t share[32],
			  uint8_t out[SSH_KEYS_PACKET_MAX]);

/* Bits of the prime in SSH_MSG_KEX_DH_GEX_GROUP; 0: it is none. */
uint32_t ssh_group_bits(struct ssh_slice payload);
/* Bits of the RSA key's modulus in the server's answer to the exchange, also of
 * a certificate; 0: it holds no RSA key. */
uint32_t ssh_rsa_bits(struct ssh_slice payload);

#endif
