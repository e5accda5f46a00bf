/*
 * ssh_packet: reads what an SSH server sends before encryption starts: lines
 * up to its identification, unencrypted binary packets, and its list of
 * algorithms. Pure: bytes in, slices of the same bytes out; no network.
 */
#ifndef ASSAY_PROBES_SSH_PACKET_H
#define ASSAY_PROBES_SSH_PACKET_H

#include "harness/base/bytes.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SSH_BANNER_MAX = 8192,  /* all lines up to and with the identification */
	SSH_PACKET_MAX = 35000, /* RFC 4253 6.1 */
};

enum {
	SSH_MSG_DISCONNECT = 1,
	SSH_MSG_IGNORE = 2,
	SSH_MSG_UNIMPLEMENTED = 3,
	SSH_MSG_DEBUG = 4,
	SSH_MSG_KEXINIT = 20,
};

/* More bytes are needed, it is there, it can never become one. */
enum ssh_taken { SSH_MORE, SSH_TAKEN, SSH_BROKEN };

struct ssh_slice { /* borrowed from the bytes that were read */
	const uint8_t *at;
	size_t size;
};

/* Finds the identification line, "SSH-..." without its line end, after any
 * other lines (RFC 4253 4.2). *ret_used counts the bytes up to its end. */
enum ssh_taken ssh_banner_take(const void *bytes, size_t size, struct ssh_slice *ret,
			       size_t *ret_used);

/* What an identification line says about the protocol's version. */
struct ssh_versions {
	bool one; /* 1.x, which 1.99 includes */
	bool two; /* 2.0 or 1.99 */
};
struct ssh_versions ssh_banner_versions(struct ssh_slice banner);

/* Takes one unencrypted packet: the payload's first byte is the message. */
enum ssh_taken ssh_packet_take(const void *bytes, size_t size, struct ssh_slice *ret_payload,
			       size_t *ret_used);

/* The ten name-lists of KEXINIT, in their order on the wire. */
enum ssh_list {
	SSH_KEX,
	SSH_HOST_KEY,
	SSH_CIPHER_OUT, /* client to server */
	SSH_CIPHER_IN,  /* server to client */
	SSH_MAC_OUT,
	SSH_MAC_IN,
	SSH_COMPRESSION_OUT,
	SSH_COMPRESSION_IN,
	SSH_LANGUAGE_OUT,
	SSH_LANGUAGE_IN,
	SSH_LISTS,
};

struct ssh_kexinit {
	struct ssh_slice list[SSH_LISTS];
	bool first_kex_follows;
};

/* Reads the payload of a KEXINIT message. Returns false if it is not one from
 * its first to its last byte. */
bool ssh_kexinit_read(struct ssh_slice payload, struct ssh_kexinit *ret);

/* Cuts the first name off a name-list. Returns false when none is left; an
 * empty name between two commas is returned as one of size 0. */
bool ssh_names_next(struct ssh_slice *list, struct ssh_slice *ret_name);

/* True for entries of the kex list that announce an extension instead of
 * naming an algorithm (RFC 8308; OpenSSH's strict key exchange; Dropbear's
 * word on guessed packets). */
bool ssh_name_is_marker(struct ssh_slice name);
/* True for the server's marker of strict key exchange. */
bool ssh_name_is_strict(struct ssh_slice name);

#endif
