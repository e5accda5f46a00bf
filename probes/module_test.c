/* module_test: a face leads to its module's code, and what is missing is said. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/registry.h"

#include <string.h>

static void face_leads_to_the_whole(void **state)
{
	const struct probe *face = probe_find("http.access");
	const struct probe *whole;
	struct text why = {.s = ""};

	(void)state;
	assert_non_null(face);
	assert_null(face->observe);
	assert_string_equal(face->part.module, "web");
	whole = module_whole(face, &face->part, &why);
	assert_non_null(whole);
	assert_non_null(whole->observe);
	assert_string_equal(whole->id, face->id);
	assert_ptr_equal(module_whole(face, &face->part, &why), whole);
}

static void probe_of_the_program_is_its_own_whole(void **state)
{
	const struct probe *probe = probe_find("telnet.banner");

	(void)state;
	assert_non_null(probe);
	assert_non_null(probe->observe);
	assert_ptr_equal(module_whole(probe, &probe->part, NULL), probe);
}

static void every_probe_has_code(void **state)
{
	struct text why = {.s = ""};
	size_t i;

	(void)state;
	for (i = 0; probe_registry[i] != NULL; i++) {
		const struct probe *whole =
			module_whole(probe_registry[i], &probe_registry[i]->part, &why);

		if (whole == NULL || whole->observe == NULL) {
			fail_msg("%s: %s", probe_registry[i]->id, why.s);
		}
	}
}

static void missing_module_is_named(void **state)
{
	static const struct module_part part = {"nowhere", "probe_none"};
	struct text why = {.s = ""};

	(void)state;
	assert_null(module_whole(&part, &part, &why));
	assert_non_null(strstr(why.s, "cannot load module 'nowhere': "));
}

static void missing_symbol_is_named(void **state)
{
	static const struct module_part part = {"web", "probe_none"};
	struct text why = {.s = ""};

	(void)state;
	assert_null(module_whole(&part, &part, &why));
	assert_string_equal(why.s, "module 'web' has no 'probe_none'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(face_leads_to_the_whole),
		cmocka_unit_test(probe_of_the_program_is_its_own_whole),
		cmocka_unit_test(every_probe_has_code),
		cmocka_unit_test(missing_module_is_named),
		cmocka_unit_test(missing_symbol_is_named),
	};

	return cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
