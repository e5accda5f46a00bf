/* ssh_packet: the unencrypted beginning of SSH. Contract in ssh_packet.h. */
#include "probes/ssh/ssh_packet.h"

#include <string.h>

#include "harness/banned.h"

static bool slice_starts(struct ssh_slice slice, const char *text)
{
	size_t size = strlen(text);

	return slice.size >= size && memcmp(slice.at, text, size) == 0;
}

enum ssh_taken ssh_banner_take(const void *bytes, size_t size, struct ssh_slice *ret,
			       size_t *ret_used)
{
	size_t limit = size < SSH_BANNER_MAX ? size : SSH_BANNER_MAX;
	struct ssh_slice line = {.at = bytes};
	size_t used = 0;
	const uint8_t *end;

	while (used < limit) {
		line.at = (const uint8_t *)bytes + used;
		end = memchr(line.at, '\n', limit - used);
		if (end == NULL) {
			break;
		}
		line.size = (size_t)(end - line.at);
		used += line.size + 1;
		if (!slice_starts(line, "SSH-")) {
			continue;
		}
		if (line.at[line.size - 1] == '\r') {
			line.size--;
		}
		*ret = line;
		*ret_used = used;
		return SSH_TAKEN;
	}
	return limit < SSH_BANNER_MAX ? SSH_MORE : SSH_BROKEN;
}

struct ssh_versions ssh_banner_versions(struct ssh_slice banner)
{
	struct ssh_versions versions = {.one = false};

	versions.two = slice_starts(banner, "SSH-2.") || slice_starts(banner, "SSH-1.99-");
	versions.one = slice_starts(banner, "SSH-1.");
	return versions;
}

/*
 * RFC 4253 section 6:
 *      uint32    packet_length   (of what follows, without MAC)
 *      byte      padding_length
 *      byte[n1]  payload; n1 = packet_length - padding_length - 1
 *      byte[n2]  random padding; n2 = padding_length
 */
enum ssh_taken ssh_packet_take(const void *bytes, size_t size, struct ssh_slice *ret_payload,
			       size_t *ret_used)
{
	struct reader r = reader_of(bytes, size);
	uint32_t length = reader_be32(&r);
	uint8_t padding;

	if (!reader_ok(&r)) {
		return SSH_MORE;
	}
	if (length < 2 || length > SSH_PACKET_MAX) {
		return SSH_BROKEN;
	}
	padding = reader_u8(&r);
	if (reader_ok(&r) && (uint32_t)padding + 2 > length) {
		return SSH_BROKEN;
	}
	ret_payload->size = length - padding - 1;
	ret_payload->at = reader_bytes(&r, ret_payload->size);
	reader_skip(&r, padding);
	if (!reader_ok(&r)) {
		return SSH_MORE;
	}
	*ret_used = 4 + (size_t)length;
	return SSH_TAKEN;
}

/*
 * RFC 4253 section 7.1:
 *      byte         SSH_MSG_KEXINIT
 *      byte[16]     cookie (random bytes)
 *      name-list x 10
 *      boolean      first_kex_packet_follows
 *      uint32       0 (reserved for future extension)
 */
bool ssh_kexinit_read(struct ssh_slice payload, struct ssh_kexinit *ret)
{
	struct reader r = reader_of(payload.at, payload.size);
	struct ssh_kexinit kexinit;
	int i;

	if (reader_u8(&r) != SSH_MSG_KEXINIT) {
		return false;
	}
	reader_skip(&r, 16);
	for (i = 0; i < SSH_LISTS; i++) {
		kexinit.list[i].size = reader_be32(&r);
		kexinit.list[i].at = reader_bytes(&r, kexinit.list[i].size);
	}
	kexinit.first_kex_follows = reader_u8(&r) != 0;
	reader_skip(&r, 4);
	if (!reader_ok(&r) || reader_left(&r) != 0) {
		return false;
	}
	*ret = kexinit;
	return true;
}

bool ssh_names_next(struct ssh_slice *list, struct ssh_slice *ret_name)
{
	const uint8_t *comma;

	if (list->size == 0) {
		return false;
	}
	comma = memchr(list->at, ',', list->size);
	ret_name->at = list->at;
	ret_name->size = comma != NULL ? (size_t)(comma - list->at) : list->size;
	if (comma == NULL) {
		list->at += list->size;
		list->size = 0;
		return true;
	}
	list->at = comma + 1;
	list->size -= ret_name->size + 1;
	return true;
}

bool ssh_name_is_marker(struct ssh_slice name)
{
	static const char dropbear[] = "kexguess2@matt.ucc.asn.au";

	return slice_starts(name, "ext-info-") || slice_starts(name, "kex-strict-") ||
	       (name.size == strlen(dropbear) && slice_starts(name, dropbear));
}

bool ssh_name_is_strict(struct ssh_slice name)
{
	return slice_starts(name, "kex-strict-s-");
}
