/*
 * tls_device_test: tls.offer on a device that answers hellos out of a table and
 * has one fault of a real stack at a time. Each fault is tried with recognised
 * suites alone and with a weak one beside: a fault must hide it from nobody.
 */
/* label: slow */
/* timeout: 300 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/registry.h"
#include "probes/ssh/test_ssh.h"
#include "probes/tls/tls_hello.h"

#include <stdatomic.h>
#include <sys/mman.h>

extern const struct probe probe_tls_offer;

static const char *const it[] = {"service", "it", NULL};

enum {
	SUITE_GOOD = 0xC02F,
	SUITE_WEAK = 0x000A,
	SUITE_13 = 0x1301,
	X25519 = 0x001D,
	P256 = 0x0017,
	HANDSHAKE_FAILURE = 40,
	ILLEGAL_PARAMETER = 47,
	PROTOCOL_VERSION = 70,
	INTERNAL_ERROR = 80,
	UNRECOGNIZED_NAME = 112,
};

struct hello {            /* what the device reads of a ClientHello */
	uint16_t version; /* the highest that is offered */
	uint16_t suites[512], groups[64], shares[16];
	size_t suite_count, group_count, share_count, size;
	bool named, bare, alpn;
};

struct device {
	bool weak;        /* takes SUITE_WEAK as well */
	bool tls13_alone; /* and no other version */
	uint16_t group;   /* the only one it has */
	/* Its fault: answers itself and returns true, or leaves the hello alone. */
	bool (*fault)(struct device *device, int fd, const struct hello *hello);
	/* Shared by the processes that serve: connections; those in this second of the clock. */
	atomic_int *count, *in_second;
	_Atomic int64_t *second;
};

/* --- the device's side -------------------------------------------------------- */

static void read_extension(struct hello *hello, uint16_t type, struct reader body)
{
	switch (type) {
	case 0:
		hello->named = true;
		break;
	case 10:
		reader_skip(&body, 2);
		while (reader_left(&body) >= 2 && hello->group_count < 64) {
			hello->groups[hello->group_count++] = reader_be16(&body);
		}
		break;
	case 16:
		hello->alpn = true;
		break;
	case 43:
		reader_skip(&body, 1);
		hello->version = reader_be16(&body);
		break;
	case 51:
		reader_skip(&body, 2);
		while (reader_left(&body) >= 4 && hello->share_count < 16) {
			hello->shares[hello->share_count++] = reader_be16(&body);
			reader_skip(&body, reader_be16(&body));
		}
		break;
	default:
		break;
	}
}

static void read_hello(const uint8_t *bytes, size_t size, struct hello *hello)
{
	struct reader r = reader_of(bytes, size), suites, extensions;
	uint16_t type;

	*hello = (struct hello){.size = size - 5, .bare = true};
	reader_skip(&r, 5 + 4);
	hello->version = reader_be16(&r);
	reader_skip(&r, 32);
	reader_skip(&r, reader_u8(&r));
	suites = reader_sub(&r, reader_be16(&r));
	while (reader_left(&suites) >= 2) {
		hello->suites[hello->suite_count++] = reader_be16(&suites);
	}
	reader_skip(&r, reader_u8(&r));
	if (reader_left(&r) < 2) {
		return;
	}
	hello->bare = false;
	extensions = reader_sub(&r, reader_be16(&r));
	while (reader_left(&extensions) >= 4) {
		type = reader_be16(&extensions);
		read_extension(hello, type, reader_sub(&extensions, reader_be16(&extensions)));
	}
}

static bool among(const uint16_t *numbers, size_t count, uint16_t number)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (numbers[i] == number) {
			return true;
		}
	}
	return false;
}

static bool offers(const struct hello *hello, uint16_t suite)
{
	return among(hello->suites, hello->suite_count, suite);
}

static void send_alert(int fd, uint8_t description)
{
	const uint8_t alert[] = {21, 3, 3, 0, 2, 2, description};

	(void)send(fd, alert, sizeof(alert), MSG_NOSIGNAL);
}

/* What a ServerHello for TLS 1.2 says besides. */
struct manner {
	bool deflates, insecure; /* compression; no answer of RFC 5746 */
};

/* A ServerHello for TLS 1.2, or for TLS 1.3 with a share. */
static void send_hello_in(int fd, uint16_t version, uint16_t suite, uint16_t group,
			  struct manner manner)
{
	uint8_t bytes[256];
	struct writer w = writer_of(bytes, sizeof(bytes));
	size_t record, message, extensions, i;

	writer_u8(&w, 22);
	writer_be16(&w, TLS_1_2);
	record = writer_begin(&w, 2);
	writer_u8(&w, 2);
	message = writer_begin(&w, 3);
	writer_be16(&w, TLS_1_2);
	for (i = 0; i < 32; i++) {
		writer_u8(&w, (uint8_t)i);
	}
	writer_u8(&w, 0);
	writer_be16(&w, suite);
	writer_u8(&w, manner.deflates);
	extensions = writer_begin(&w, 2);
	if (version == TLS_1_3) {
		writer_be16(&w, 43);
		writer_be16(&w, 2);
		writer_be16(&w, TLS_1_3);
		writer_be16(&w, 51);
		writer_be16(&w, 6);
		writer_be16(&w, group);
		writer_be16(&w, 2);
		writer_be16(&w, 0);
	} else if (!manner.insecure) {
		writer_be16(&w, 0xFF01);
		writer_be16(&w, 1);
		writer_u8(&w, 0);
	}
	writer_end(&w, extensions, 2);
	writer_end(&w, message, 3);
	writer_end(&w, record, 2);
	if (version != TLS_1_3) { /* ServerHelloDone: no key exchange to read on for */
		static const uint8_t done[] = {22, 3, 3, 0, 4, 14, 0, 0, 0};

		writer_bytes(&w, done, sizeof(done));
	}
	(void)send(fd, bytes, w.size, MSG_NOSIGNAL);
}

static void send_hello(int fd, uint16_t version, uint16_t suite, uint16_t group)
{
	send_hello_in(fd, version, suite, group, (struct manner){0});
}

static void answer_well(const struct device *device, int fd, const struct hello *hello)
{
	bool group = among(hello->groups, hello->group_count, device->group);

	if (hello->version == TLS_1_3 && offers(hello, SUITE_13) && group) {
		send_hello(fd, TLS_1_3, SUITE_13, device->group);
	} else if (hello->version < TLS_1_2 || device->tls13_alone) {
		send_alert(fd, PROTOCOL_VERSION);
	} else if (hello->version == TLS_1_2 && offers(hello, SUITE_GOOD) && group) {
		send_hello(fd, TLS_1_2, SUITE_GOOD, 0);
	} else if (hello->version == TLS_1_2 && offers(hello, SUITE_WEAK) && device->weak) {
		send_hello(fd, TLS_1_2, SUITE_WEAK, 0);
	} else {
		send_alert(fd, HANDSHAKE_FAILURE);
	}
}

static void serve(int fd, void *argument)
{
	struct device *device = argument;
	uint8_t bytes[8192];
	size_t have = 0;
	struct hello hello;
	ssize_t got;

	atomic_fetch_add(device->count, 1);
	do {
		got = recv(fd, bytes + have, sizeof(bytes) - have, 0);
		have += got > 0 ? (size_t)got : 0;
	} while (got > 0 && (have < 5 || have < 5 + (size_t)(bytes[3] << 8 | bytes[4])));
	if (got <= 0) {
		return;
	}
	read_hello(bytes, have, &hello);
	if (device->fault == NULL || !device->fault(device, fd, &hello)) {
		answer_well(device, fd, &hello);
	}
	shutdown(fd, SHUT_WR);
	test_serve_silent(fd, NULL);
}

/* --- the faults: true means that the hello got no better answer ---------------- */

static bool drops_two_of_five(struct device *device, int fd, const struct hello *hello)
{
	(void)fd;
	(void)hello;
	return atomic_load(device->count) % 5 == 4 || atomic_load(device->count) % 5 == 0;
}

static bool drops_what_it_does_not_take(struct device *device, int fd, const struct hello *hello)
{
	(void)fd;
	return !(hello->version == TLS_1_2 &&
		 (offers(hello, SUITE_GOOD) || (device->weak && offers(hello, SUITE_WEAK)))) &&
	       hello->version != TLS_1_3;
}

static bool calls_a_refusal_an_internal_error(struct device *device, int fd,
					      const struct hello *hello)
{
	if (!drops_what_it_does_not_take(device, fd, hello)) {
		return false;
	}
	send_alert(fd, INTERNAL_ERROR);
	return true;
}

/* So many hellos in a second are answered; the others get an alert that says nothing. */
static bool alerts_beyond_ten_a_second(struct device *device, int fd, const struct hello *hello)
{
	static const int64_t second_ns = NS_PER_S;
	int64_t now = clock_ns() / second_ns, then = atomic_load(device->second);

	(void)hello;
	if (now != then) {
		atomic_store(device->second, now);
		atomic_store(device->in_second, 0);
	}
	if (atomic_fetch_add(device->in_second, 1) < 10) {
		return false;
	}
	send_alert(fd, INTERNAL_ERROR);
	return true;
}

static bool bans_after_five(struct device *device, int fd, const struct hello *hello)
{
	(void)fd;
	(void)hello;
	return atomic_load(device->count) > 5;
}

static bool takes_128_suites(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	if (hello->suite_count <= 128) {
		return false;
	}
	send_alert(fd, ILLEGAL_PARAMETER);
	return true;
}

static bool closes_above_512_bytes(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	(void)fd;
	return hello->size > 512;
}

static bool hangs_on_256_to_511_bytes(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	if (hello->size < 256 || hello->size > 511) {
		return false;
	}
	test_serve_silent(fd, NULL);
	return true;
}

static bool answers_with_its_favourite(struct device *device, int fd, const struct hello *hello)
{
	if (hello->version != TLS_1_2 || offers(hello, SUITE_GOOD) ||
	    (device->weak && offers(hello, SUITE_WEAK))) {
		return false;
	}
	send_hello(fd, TLS_1_2, SUITE_GOOD, 0);
	return true;
}

static bool cannot_ask_for_a_share(struct device *device, int fd, const struct hello *hello)
{
	(void)fd;
	return hello->version == TLS_1_3 &&
	       !among(hello->shares, hello->share_count, device->group);
}

/* The weak suite is for hellos of one shape alone; then weak is false. */
static bool weak_for_bare_hellos(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	if (!hello->bare || hello->version != TLS_1_2 || !offers(hello, SUITE_WEAK)) {
		return false;
	}
	send_hello(fd, TLS_1_2, SUITE_WEAK, 0);
	return true;
}

static bool weak_for_few_suites(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	if (hello->suite_count > 30 || hello->version != TLS_1_2 || !offers(hello, SUITE_WEAK)) {
		return false;
	}
	send_hello(fd, TLS_1_2, SUITE_WEAK, 0);
	return true;
}

static bool weak_with_alpn(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	if (!hello->alpn || !offers(hello, SUITE_WEAK)) {
		return false;
	}
	send_hello(fd, TLS_1_2, SUITE_WEAK, 0);
	return true;
}

static bool weak_without_a_name(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	if (hello->named || hello->version != TLS_1_2 || !offers(hello, SUITE_WEAK)) {
		return false;
	}
	send_hello(fd, TLS_1_2, SUITE_WEAK, 0);
	return true;
}

static bool demands_a_name(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	if (hello->named) {
		return false;
	}
	send_alert(fd, UNRECOGNIZED_NAME);
	return true;
}

/* Its good suite alone, in TLS 1.2, with something said besides. */
static bool answers_good_in(int fd, const struct hello *hello, struct manner manner)
{
	if (hello->version != TLS_1_2 || !offers(hello, SUITE_GOOD) ||
	    !among(hello->groups, hello->group_count, X25519)) {
		return false;
	}
	send_hello_in(fd, TLS_1_2, SUITE_GOOD, 0, manner);
	return true;
}

static bool knows_no_secure_renegotiation(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	return answers_good_in(fd, hello, (struct manner){.insecure = true});
}

static bool deflates(struct device *device, int fd, const struct hello *hello)
{
	(void)device;
	return answers_good_in(fd, hello, (struct manner){.deflates = true});
}

static bool answers_bare_hellos_without_extensions(struct device *device, int fd,
						   const struct hello *hello)
{
	(void)device;
	if (!hello->bare || hello->version != TLS_1_2 || !offers(hello, SUITE_WEAK)) {
		return false;
	}
	send_hello_in(fd, TLS_1_2, SUITE_WEAK, 0, (struct manner){.insecure = true});
	return true;
}

/* --- the tester's side ----------------------------------------------------------- */

struct shared {
	atomic_int count, in_second;
	_Atomic int64_t second;
};

struct scene {
	struct device device;
	struct shared *shared;
	struct test_peer peer;
	struct test_bench bench;
	struct child_report report;
};

static void play(struct scene *scene, struct device device, const char *name)
{
	scene->device = device;
	if (scene->device.group == 0) {
		scene->device.group = X25519;
	}
	scene->shared = mmap(NULL, sizeof(*scene->shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TEST_RUN_MUST(scene->shared != MAP_FAILED);
	scene->device.count = &scene->shared->count;
	scene->device.in_second = &scene->shared->in_second;
	scene->device.second = &scene->shared->second;
	scene->peer = test_peer_serve(serve, &scene->device);
	test_bench_init(&scene->bench, "https", scene->peer.port);
	scene->bench.services[0].server_name = name;
	scene->report = test_observe(&scene->bench, &probe_tls_offer, it);
}

static void end(struct scene *scene)
{
	test_bench_release(&scene->bench);
	test_peer_stop(&scene->peer);
	munmap(scene->shared, sizeof(*scene->shared));
}

static bool has(struct scene *scene, const char *name, const char *item)
{
	const struct fact *fact = facts_find(&scene->report.facts, name);
	size_t i;

	for (i = 0; fact != NULL && i < fact->list_count; i++) {
		if (strcmp(fact->list[i], item) == 0) {
			return true;
		}
	}
	return false;
}

static bool weak_seen(struct scene *scene)
{
	return has(scene, "suites", "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
}

/* Everything was settled: only then may a check pass. */
static bool whole(struct scene *scene)
{
	const struct fact *unsettled = facts_find(&scene->report.facts, "unsettled");

	return scene->report.outcome == CHILD_COMPLETE && unsettled != NULL &&
	       unsettled->list_count == 0;
}

enum expected { WHOLE = 1, NOT_WHOLE = 2, EITHER = 3 };

/* Plays the fault on the good and on the weak device. */
static void both(bool (*fault)(struct device *, int, const struct hello *), enum expected expected)
{
	struct scene scene;

	play(&scene, (struct device){.fault = fault}, NULL);
	assert_true((expected & WHOLE) != 0 || !whole(&scene));
	assert_true((expected & NOT_WHOLE) != 0 || whole(&scene));
	assert_false(weak_seen(&scene));
	end(&scene);
	play(&scene, (struct device){.fault = fault, .weak = true}, NULL);
	assert_true(weak_seen(&scene) || !whole(&scene));
	assert_true(expected != WHOLE || weak_seen(&scene));
	end(&scene);
}

static void sound_device_shows_exactly_its_suites(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, (struct device){.weak = false}, NULL);
	assert_true(whole(&scene));
	assert_true(has(&scene, "suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
	assert_true(has(&scene, "suites", "TLS_AES_128_GCM_SHA256"));
	assert_int_equal(facts_find(&scene.report.facts, "suites")->list_count, 2);
	end(&scene);
	play(&scene, (struct device){.weak = true}, NULL);
	assert_true(whole(&scene));
	assert_true(weak_seen(&scene));
	end(&scene);
}

static void drops_now_and_then_hide_nothing(void **state)
{
	(void)state;
	both(drops_two_of_five, EITHER);
}

static void drops_are_no_refusal(void **state)
{
	(void)state;
	both(drops_what_it_does_not_take, NOT_WHOLE);
}

static void internal_error_is_no_refusal(void **state)
{
	(void)state;
	both(calls_a_refusal_an_internal_error, NOT_WHOLE);
}

/* Each pause for a limit is 250 and 1100 ms, and three offers would have both: 4 s. That is the
 * margin for a busy bench, whose connections take 0.1 s together where it is not. */
static void internal_errors_beside_good_answers_are_not_waited_for(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, (struct device){.fault = calls_a_refusal_an_internal_error}, NULL);
	assert_true(scene.report.seconds < 3);
	assert_true(has(&scene, "suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
	end(&scene);
}

static void a_limit_that_alerts_is_waited_for_and_hides_nothing(void **state)
{
	(void)state;
	both(alerts_beyond_ten_a_second, WHOLE);
}

static void ban_is_no_refusal(void **state)
{
	(void)state;
	both(bans_after_five, NOT_WHOLE);
}

static void long_lists_are_cut(void **state)
{
	(void)state;
	both(takes_128_suites, WHOLE);
}

static void large_hellos_are_cut(void **state)
{
	(void)state;
	both(closes_above_512_bytes, WHOLE);
}

static void hellos_that_hang_are_padded(void **state)
{
	(void)state;
	both(hangs_on_256_to_511_bytes, WHOLE);
}

static void favourite_instead_of_an_alert_is_a_refusal(void **state)
{
	(void)state;
	both(answers_with_its_favourite, WHOLE);
}

static void every_group_is_offered_as_a_share(void **state)
{
	static const uint16_t groups[] = {X25519, P256, 0x0018, 0x0019, 0x001E};
	struct scene scene;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		play(&scene,
		     (struct device){.fault = cannot_ask_for_a_share,
				     .group = groups[i],
				     .tls13_alone = true},
		     NULL);
		assert_true(has(&scene, "suites", "TLS_AES_128_GCM_SHA256"));
		end(&scene);
	}
}

static void assert_weak_seen(bool (*fault)(struct device *, int, const struct hello *),
			     const char *name)
{
	struct scene scene;

	play(&scene, (struct device){.fault = fault}, name);
	assert_true(weak_seen(&scene));
	end(&scene);
}

static void weak_suite_of_bare_hellos_is_seen(void **state)
{
	(void)state;
	assert_weak_seen(weak_for_bare_hellos, NULL);
}

static void weak_suite_of_short_lists_is_seen(void **state)
{
	(void)state;
	assert_weak_seen(weak_for_few_suites, NULL);
}

static void weak_suite_with_alpn_is_seen(void **state)
{
	(void)state;
	assert_weak_seen(weak_with_alpn, NULL);
}

static void weak_host_without_a_name_is_seen(void **state)
{
	(void)state;
	assert_weak_seen(weak_without_a_name, "plc.example");
}

static void name_that_is_demanded_hides_nothing(void **state)
{
	struct scene scene;

	(void)state;
	play(&scene, (struct device){.fault = demands_a_name}, "plc.example");
	assert_true(whole(&scene));
	end(&scene);
	play(&scene, (struct device){.fault = demands_a_name, .weak = true}, "plc.example");
	assert_true(weak_seen(&scene));
	end(&scene);
	play(&scene, (struct device){.fault = demands_a_name}, NULL);
	assert_int_equal(scene.report.outcome, CHILD_GAVE_UP);
	assert_int_equal(scene.report.why, WHY_NOT_DECLARED);
	end(&scene);
}

static bool says(struct scene *scene, const char *name)
{
	const struct fact *fact = facts_find(&scene->report.facts, name);

	assert_non_null(fact);
	return fact->yes;
}

/* Who answers nothing of RFC 5746 lets an attacker's bytes stand before the
 * client's; who deflates tells lengths. TLS 1.3 has neither. */
static void renegotiation_and_compression_are_seen_on_both_sides(void **state)
{
	static const struct {
		struct device device;
		bool secure, compression;
	} rows[] = {
		{{.fault = NULL}, true, false},
		{{.fault = knows_no_secure_renegotiation}, false, false},
		{{.fault = deflates}, true, true},
		{{.tls13_alone = true}, true, false},
		{{.fault = answers_bare_hellos_without_extensions}, true, false},
	};
	struct scene scene;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		play(&scene, rows[i].device, NULL);
		assert_true(whole(&scene));
		assert_int_equal(says(&scene, "secure_renegotiation"), rows[i].secure);
		assert_int_equal(says(&scene, "compression"), rows[i].compression);
		end(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_device_shows_exactly_its_suites),
		cmocka_unit_test(drops_now_and_then_hide_nothing),
		cmocka_unit_test(drops_are_no_refusal),
		cmocka_unit_test(internal_error_is_no_refusal),
		cmocka_unit_test(internal_errors_beside_good_answers_are_not_waited_for),
		cmocka_unit_test(a_limit_that_alerts_is_waited_for_and_hides_nothing),
		cmocka_unit_test(ban_is_no_refusal),
		cmocka_unit_test(long_lists_are_cut),
		cmocka_unit_test(large_hellos_are_cut),
		cmocka_unit_test(hellos_that_hang_are_padded),
		cmocka_unit_test(favourite_instead_of_an_alert_is_a_refusal),
		cmocka_unit_test(every_group_is_offered_as_a_share),
		cmocka_unit_test(weak_suite_of_bare_hellos_is_seen),
		cmocka_unit_test(weak_suite_of_short_lists_is_seen),
		cmocka_unit_test(weak_suite_with_alpn_is_seen),
		cmocka_unit_test(weak_host_without_a_name_is_seen),
		cmocka_unit_test(name_that_is_demanded_hides_nothing),
		cmocka_unit_test(renegotiation_and_compression_are_seen_on_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
