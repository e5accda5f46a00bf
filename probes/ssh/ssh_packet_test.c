/* ssh_packet_test: bytes made by hand from RFC 4253. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/text.h"
#include "probes/ssh/ssh_packet.h"
#include <string.h>

static enum ssh_taken take(const char *text, struct ssh_slice *banner)
{
	size_t used = 0;

	return ssh_banner_take(text, strlen(text), banner, &used);
}

static void banner_is_found_after_other_lines(void **state)
{
	static const char text[] = "hello\r\nyou\nSSH-2.0-x y\r\nrest";
	struct ssh_slice banner;
	size_t used;

	(void)state;
	assert_int_equal(ssh_banner_take(text, strlen(text), &banner, &used), SSH_TAKEN);
	assert_int_equal(banner.size, strlen("SSH-2.0-x y"));
	assert_memory_equal(banner.at, "SSH-2.0-x y", banner.size);
	assert_string_equal(text + used, "rest");
}

static void banner_without_line_end_needs_more(void **state)
{
	struct ssh_slice banner;

	(void)state;
	assert_int_equal(take("SSH-2.0-x", &banner), SSH_MORE);
	assert_int_equal(take("", &banner), SSH_MORE);
}

static void lines_without_end_are_broken_at_the_limit(void **state)
{
	static char text[SSH_BANNER_MAX + 100];
	struct ssh_slice banner;
	size_t used;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(ssh_banner_take(text, SSH_BANNER_MAX - 1, &banner, &used), SSH_MORE);
	assert_int_equal(ssh_banner_take(text, sizeof(text), &banner, &used), SSH_BROKEN);
}

static void versions_are_told_apart(void **state)
{
	static const struct {
		const char *banner;
		bool one, two;
	} cases[] = {
		{"SSH-2.0-OpenSSH_9.2\n", false, true},
		{"SSH-1.99-Cisco-1.25\n", true, true},
		{"SSH-1.5-old\n", true, false},
		{"SSH-3.0-new\n", false, false},
	};
	struct ssh_versions versions;
	struct ssh_slice banner;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(take(cases[i].banner, &banner), SSH_TAKEN);
		versions = ssh_banner_versions(banner);
		assert_int_equal(versions.one, cases[i].one);
		assert_int_equal(versions.two, cases[i].two);
	}
}

static void packet_is_cut_out_of_its_padding(void **state)
{
	static const uint8_t bytes[] = {0, 0, 0, 8, 4, 20, 'a', 'b', 9, 9, 9, 9, 77};
	struct ssh_slice payload;
	size_t used, i;

	(void)state;
	for (i = 0; i < 12; i++) {
		assert_int_equal(ssh_packet_take(bytes, i, &payload, &used), SSH_MORE);
	}
	assert_int_equal(ssh_packet_take(bytes, sizeof(bytes), &payload, &used), SSH_TAKEN);
	assert_int_equal(used, 12);
	assert_int_equal(payload.size, 3);
	assert_memory_equal(payload.at,
			    "\x14"
			    "ab",
			    3);
}

static void impossible_lengths_are_broken(void **state)
{
	static const uint8_t huge[] = {0, 0, 0x88, 0xb9, 4, 20};
	static const uint8_t empty[] = {0, 0, 0, 1, 0};
	static const uint8_t padding[] = {0, 0, 0, 5, 4, 1, 2, 3, 4};
	struct ssh_slice payload;
	size_t used;

	(void)state;
	assert_int_equal(ssh_packet_take(huge, sizeof(huge), &payload, &used), SSH_BROKEN);
	assert_int_equal(ssh_packet_take(empty, sizeof(empty), &payload, &used), SSH_BROKEN);
	assert_int_equal(ssh_packet_take(padding, sizeof(padding), &payload, &used), SSH_BROKEN);
}

static size_t kexinit_write(uint8_t *out, size_t capacity, const char *const lists[SSH_LISTS])
{
	struct writer w = writer_of(out, capacity);
	size_t mark;
	int i;

	writer_u8(&w, SSH_MSG_KEXINIT);
	writer_bytes(&w, "0123456789abcdef", 16);
	for (i = 0; i < SSH_LISTS; i++) {
		mark = writer_begin(&w, 4);
		writer_bytes(&w, lists[i], strlen(lists[i]));
		writer_end(&w, mark, 4);
	}
	writer_u8(&w, 1);
	writer_be32(&w, 0);
	assert_true(writer_ok(&w));
	return w.size;
}

static const char *const lists[SSH_LISTS] = {"curve25519-sha256,kex-strict-s-v00@openssh.com",
					     "ssh-rsa",
					     "a,b",
					     "c",
					     "d",
					     "e,,f",
					     "none",
					     "zlib",
					     "",
					     ""};

static void kexinit_gives_every_list(void **state)
{
	struct ssh_kexinit kexinit;
	uint8_t bytes[512];
	struct ssh_slice payload = {bytes, kexinit_write(bytes, 512, lists)};
	int i;

	(void)state;
	assert_true(ssh_kexinit_read(payload, &kexinit));
	for (i = 0; i < SSH_LISTS; i++) {
		assert_int_equal(kexinit.list[i].size, strlen(lists[i]));
		assert_memory_equal(kexinit.list[i].at, lists[i], kexinit.list[i].size);
	}
	assert_true(kexinit.first_kex_follows);
}

static void cut_or_longer_kexinit_is_refused(void **state)
{
	struct ssh_kexinit kexinit;
	uint8_t bytes[512] = {0};
	size_t whole = kexinit_write(bytes, 512, lists);
	struct ssh_slice payload = {bytes, 0};

	(void)state;
	for (; payload.size < whole; payload.size++) {
		assert_false(ssh_kexinit_read(payload, &kexinit));
	}
	payload.size = whole + 1;
	assert_false(ssh_kexinit_read(payload, &kexinit));
}

static void names_are_taken_one_by_one(void **state)
{
	struct ssh_slice list = {(const uint8_t *)"e,,f", 4}, name;

	(void)state;
	assert_true(ssh_names_next(&list, &name));
	assert_memory_equal(name.at, "e", 1);
	assert_true(ssh_names_next(&list, &name));
	assert_int_equal(name.size, 0);
	assert_true(ssh_names_next(&list, &name));
	assert_memory_equal(name.at, "f", 1);
	assert_false(ssh_names_next(&list, &name));
}

static void markers_are_no_algorithms(void **state)
{
	static const struct {
		const char *name;
		bool marker, strict;
	} cases[] = {
		{"ext-info-s", true, false},
		{"kex-strict-s-v00@openssh.com", true, true},
		{"kex-strict-c-v00@openssh.com", true, false},
		{"curve25519-sha256", false, false},
	};
	struct ssh_slice name;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		name.at = (const uint8_t *)cases[i].name;
		name.size = strlen(cases[i].name);
		assert_int_equal(ssh_name_is_marker(name), cases[i].marker);
		assert_int_equal(ssh_name_is_strict(name), cases[i].strict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(banner_is_found_after_other_lines),
		cmocka_unit_test(banner_without_line_end_needs_more),
		cmocka_unit_test(lines_without_end_are_broken_at_the_limit),
		cmocka_unit_test(versions_are_told_apart),
		cmocka_unit_test(packet_is_cut_out_of_its_padding),
		cmocka_unit_test(impossible_lengths_are_broken),
		cmocka_unit_test(kexinit_gives_every_list),
		cmocka_unit_test(cut_or_longer_kexinit_is_refused),
		cmocka_unit_test(names_are_taken_one_by_one),
		cmocka_unit_test(markers_are_no_algorithms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
