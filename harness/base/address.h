/*
 * address: one address with its family: IPv4, IPv6, or a MAC address alone. It
 * says whom, never where: an IPv6 address of one link only (fe80::/10, RFC 4291
 * 2.5.6) is complete with the interface, which the link it is used on knows.
 */
#ifndef ASSAY_BASE_ADDRESS_H
#define ASSAY_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum address_family { ADDRESS_NONE, ADDRESS_IPV4, ADDRESS_IPV6, ADDRESS_MAC };

/* Zeroed: no address. What a family does not use of bytes is zero. */
struct address {
	enum address_family family;
	uint8_t bytes[16]; /* in network order: 4, 16 or 6 of them */
};

/*
 * "10.0.0.2", "fd00::2" (RFC 4291 2.2), "00:11:22:33:44:55". No zone
 * ("%eth1"), port or prefix. Returns false, and leaves *ret alone, where the
 * text is none of the three.
 */
bool address_parse(const char *text, struct address *ret);
/* The same for text that is certainly one: BUG() if it is not. */
struct address address_of(const char *text);
/* An address out of its bytes, as many as the family has. */
struct address address_from_bytes(enum address_family family, const void *bytes);

struct address_text {
	char s[48];
};
/* The form of RFC 5952 for IPv6, small letters; "" for none. */
struct address_text address_text(const struct address *address);
/* As it stands in a URL or before a port: IPv6 in brackets. */
struct address_text address_text_host(const struct address *address);
/* Of a MAC address by its bytes. */
struct address_text mac_text(const uint8_t mac[6]);
/* "IPv4", "IPv6", "MAC" or "none". */
const char *address_family_word(enum address_family family);
/* AF_INET, AF_INET6, or AF_UNSPEC. */
int address_socket_family(enum address_family family);

bool address_given(const struct address *address);
bool address_equal(const struct address *a, const struct address *b);
/* How many bytes the family has: 4, 16, 6 or 0. */
size_t address_size(enum address_family family);
/* True if both are of one family and equal in the first prefix bits. */
bool address_in_prefix(const struct address *a, const struct address *b, unsigned prefix);
/* One host's address: not none, multicast, reserved, broadcast or "this
 * network" (RFC 6890). */
bool address_is_host(const struct address *address);
bool address_is_loopback(const struct address *address);
/* fe80::/10: means something on one link only. */
bool address_is_link_local(const struct address *address);

/* An IPv4 address as one word in network order, as frame builders want it;
 * BUG() for another family. */
uint32_t address_ipv4(const struct address *address);

/* Fills *ret and returns its length; 0 for a family without sockets. interface
 * is the index that a link-local address is completed with. */
socklen_t address_to_sockaddr(const struct address *address, uint16_t port, unsigned interface,
			      struct sockaddr_storage *ret);
/* The address of a socket address, and its port unless ret_port is NULL. None
 * for another family. An IPv4 address mapped into IPv6 (RFC 4291 2.5.5.2) is
 * IPv4. */
struct address address_from_sockaddr(const struct sockaddr *from, uint16_t *ret_port);

#endif
