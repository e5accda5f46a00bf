/* address: text, bytes and socket addresses of the three families. */
#include "harness/base/address.h"
#include "harness/base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

static const struct {
	const char *word;
	size_t size;
	int socket_family;
} families[] = {
	[ADDRESS_NONE] = {"none", 0, AF_UNSPEC},
	[ADDRESS_IPV4] = {"IPv4", 4, AF_INET},
	[ADDRESS_IPV6] = {"IPv6", 16, AF_INET6},
	[ADDRESS_MAC] = {"MAC", 6, AF_UNSPEC},
};

static bool known(enum address_family family)
{
	return (unsigned)family < ARRAY_SIZE(families);
}

const char *address_family_word(enum address_family family)
{
	return known(family) ? families[family].word : families[ADDRESS_NONE].word;
}

int address_socket_family(enum address_family family)
{
	return known(family) ? families[family].socket_family : AF_UNSPEC;
}

size_t address_size(enum address_family family)
{
	return known(family) ? families[family].size : 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at;

	c = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
	at = c == '\0' ? NULL : strchr(digits, c);
	return at == NULL ? -1 : (int)(at - digits);
}

static bool parse_mac(const char *text, uint8_t bytes[6])
{
	int i, high, low;

	if (strlen(text) != 17) {
		return false;
	}
	for (i = 0; i < 6; i++, text += 3) {
		high = hex_digit(text[0]);
		low = hex_digit(text[1]);
		if (high < 0 || low < 0 || text[2] != (i < 5 ? ':' : '\0')) {
			return false;
		}
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool address_parse(const char *text, struct address *ret)
{
	struct address address = {.family = ADDRESS_NONE};

	if (inet_pton(AF_INET, text, address.bytes) == 1) {
		address.family = ADDRESS_IPV4;
	} else if (inet_pton(AF_INET6, text, address.bytes) == 1) {
		address.family = ADDRESS_IPV6;
	} else if (parse_mac(text, address.bytes)) {
		address.family = ADDRESS_MAC;
	} else {
		return false;
	}
	*ret = address;
	return true;
}

struct address address_of(const char *text)
{
	struct address address;

	if (!address_parse(text, &address)) {
		BUG("'%s' is no address", text);
	}
	return address;
}

struct address address_from_bytes(enum address_family family, const void *bytes)
{
	struct address address = {.family = family};

	memcpy(address.bytes, bytes, address_size(family));
	return address;
}

struct address_text address_text(const struct address *address)
{
	const uint8_t *b = address->bytes;
	struct address_text text = {.s = ""};

	switch (address->family) {
	case ADDRESS_IPV4:
	case ADDRESS_IPV6:
		(void)inet_ntop(address_socket_family(address->family), b, text.s, sizeof(text.s));
		break;
	case ADDRESS_MAC:
		snprintf(text.s, sizeof(text.s), "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2],
			 b[3], b[4], b[5]);
		break;
	case ADDRESS_NONE:
		break;
	}
	return text;
}

struct address_text address_text_host(const struct address *address)
{
	struct address_text plain = address_text(address), text;

	if (address->family != ADDRESS_IPV6) {
		return plain;
	}
	snprintf(text.s, sizeof(text.s), "[%.45s]", plain.s);
	return text;
}

struct address_text mac_text(const uint8_t mac[6])
{
	struct address address = address_from_bytes(ADDRESS_MAC, mac);

	return address_text(&address);
}

bool address_given(const struct address *address)
{
	return address->family != ADDRESS_NONE;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, address_size(a->family)) == 0;
}

bool address_in_prefix(const struct address *a, const struct address *b, unsigned prefix)
{
	unsigned whole = prefix / 8, rest = prefix % 8;

	if (a->family != b->family || prefix > 8 * address_size(a->family) ||
	    memcmp(a->bytes, b->bytes, whole) != 0) {
		return false;
	}
	return rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

static bool is_zero(const struct address *address)
{
	static const uint8_t zero[16];

	return memcmp(address->bytes, zero, address_size(address->family)) == 0;
}

bool address_is_host(const struct address *address)
{
	switch (address->family) {
	case ADDRESS_IPV4:
		return address->bytes[0] != 0 && address->bytes[0] < 224;
	case ADDRESS_IPV6:
		return address->bytes[0] != 0xff && !is_zero(address);
	case ADDRESS_MAC:
		return (address->bytes[0] & 1) == 0 && !is_zero(address);
	case ADDRESS_NONE:
		break;
	}
	return false;
}

bool address_is_loopback(const struct address *address)
{
	static const uint8_t one[16] = {[15] = 1};

	return (address->family == ADDRESS_IPV4 && address->bytes[0] == 127) ||
	       (address->family == ADDRESS_IPV6 && memcmp(address->bytes, one, 16) == 0);
}

bool address_is_link_local(const struct address *address)
{
	return address->family == ADDRESS_IPV6 && address->bytes[0] == 0xfe &&
	       (address->bytes[1] & 0xc0) == 0x80;
}

uint32_t address_ipv4(const struct address *address)
{
	uint32_t word;

	if (address->family != ADDRESS_IPV4) {
		BUG("'%s' is no IPv4 address", address_text(address).s);
	}
	memcpy(&word, address->bytes, sizeof(word));
	return word;
}

socklen_t address_to_sockaddr(const struct address *address, uint16_t port, unsigned interface,
			      struct sockaddr_storage *ret)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	memset(ret, 0, sizeof(*ret));
	if (address->family == ADDRESS_IPV4) {
		memcpy(&v4.sin_addr, address->bytes, 4);
		memcpy(ret, &v4, sizeof(v4));
		return sizeof(v4);
	}
	if (address->family == ADDRESS_IPV6) {
		memcpy(&v6.sin6_addr, address->bytes, 16);
		v6.sin6_scope_id = address_is_link_local(address) ? interface : 0;
		memcpy(ret, &v6, sizeof(v6));
		return sizeof(v6);
	}
	return 0;
}

struct address address_from_sockaddr(const struct sockaddr *from, uint16_t *ret_port)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct address address = {.family = ADDRESS_NONE};
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	uint16_t port = 0;

	if (from->sa_family == AF_INET) {
		memcpy(&v4, from, sizeof(v4));
		address = address_from_bytes(ADDRESS_IPV4, &v4.sin_addr);
		port = ntohs(v4.sin_port);
	} else if (from->sa_family == AF_INET6) {
		memcpy(&v6, from, sizeof(v6));
		address = memcmp(&v6.sin6_addr, mapped, 12) == 0
				  ? address_from_bytes(ADDRESS_IPV4, v6.sin6_addr.s6_addr + 12)
				  : address_from_bytes(ADDRESS_IPV6, &v6.sin6_addr);
		port = ntohs(v6.sin6_port);
	}
	if (ret_port != NULL) {
		*ret_port = port;
	}
	return address;
}
