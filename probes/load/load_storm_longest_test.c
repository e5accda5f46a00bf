/* load_storm_longest_test: the longest course of a load check ends before its
 * process is stopped, for every parameter and function that a profile may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/plan/plan.h"
#include "probes/registry.h"
#include <string.h>

#include "harness/banned.h"

/* Each pair is the least and the greatest that profile_shape.c and the probe's
 * own table allow; see the_extremes_are_those_of_the_tables. */
static const int64_t windows_ms[] = {0, 1, 60000};
static const int64_t attacks_s[] = {0, 20, 86400};
static const int64_t periods_ms[] = {1, 60000};
static const int64_t gaps_ms[] = {1, 3600000};
static const double recoveries_s[] = {0, 5, 3600};

/* What the page on load says, window by window, without the code's own sums: two
 * quiet windows, two shams, two attacks, and after each attack a recovery of at
 * most 120 s. */
static int64_t course_ms(int64_t window_ms, int64_t attack_s, double recover_s)
{
	int64_t settle_ms = 200, recovery_ms = (int64_t)(1000 * recover_s) + window_ms;
	int64_t attack_ms = 1000 * (attack_s < 300 ? attack_s : 300);

	recovery_ms = recovery_ms < 120000 ? recovery_ms : 120000;
	attack_ms = attack_ms > window_ms ? attack_ms : window_ms;
	return 2 * (window_ms + settle_ms) + 2 * (window_ms + settle_ms) +
	       2 * (attack_ms + recovery_ms);
}

/* The window that a function's tolerance asks for. */
static int64_t window_of(const struct essential_function *function, int64_t given_ms)
{
	int64_t ms = 2000;

	if (given_ms > 0) {
		return given_ms;
	}
	ms = 3 * function->tolerance.gap_ms > ms ? 3 * function->tolerance.gap_ms : ms;
	ms = 60 * function->period_ms > ms ? 60 * function->period_ms : ms;
	return ms < 60000 ? ms : 60000;
}

static void assert_fits(const struct essential_function *function, int64_t given_ms,
			int64_t attack_s)
{
	const struct probe *probe = probe_find("load.storm");
	const struct param_value params[] = {
		{.name = "function", .type = PARAM_FUNCTION, .function = function},
		{.name = "window_ms", .type = PARAM_INT, .number = given_ms},
		{.name = "attack_s", .type = PARAM_INT, .number = attack_s},
	};
	const struct observation observation = {
		.probe = probe, .params = params, .param_count = ARRAY_SIZE(params)};
	int64_t most_ms = 1000 * (int64_t)observation_longest(&observation);
	int64_t takes_ms =
		course_ms(window_of(function, given_ms), attack_s, function->tolerance.recover_s);

	if (most_ms < takes_ms + 10000) {
		fail_msg(
			"window %lld, period %lld, gap %lld, recovery %.0f: stopped after %lld ms, "
			"takes %lld",
			(long long)given_ms, (long long)function->period_ms,
			(long long)function->tolerance.gap_ms, function->tolerance.recover_s,
			(long long)most_ms, (long long)takes_ms);
	}
}

static void the_longest_course_fits_for_every_parameter(void **state)
{
	struct essential_function function = {.name = "control runs"};
	size_t w, p, g, r, a;

	(void)state;
	for (w = 0; w < ARRAY_SIZE(windows_ms); w++) {
		for (p = 0; p < ARRAY_SIZE(periods_ms); p++) {
			for (g = 0; g < ARRAY_SIZE(gaps_ms); g++) {
				for (r = 0; r < ARRAY_SIZE(recoveries_s); r++) {
					function.period_ms = periods_ms[p];
					function.tolerance.gap_ms = gaps_ms[g];
					function.tolerance.recover_s = recoveries_s[r];
					for (a = 0; a < ARRAY_SIZE(attacks_s); a++) {
						assert_fits(&function, windows_ms[w], attacks_s[a]);
					}
				}
			}
		}
	}
}

static void the_extremes_are_those_of_the_tables(void **state)
{
	const struct param_def *def = probe_find("load.storm")->params;

	(void)state;
	while (def->name != NULL && strcmp(def->name, "window_ms") != 0) {
		def++;
	}
	assert_non_null(def->name);
	assert_int_equal(def->min, windows_ms[0]);
	assert_int_equal(def->max, windows_ms[ARRAY_SIZE(windows_ms) - 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_course_fits_for_every_parameter),
		cmocka_unit_test(the_extremes_are_those_of_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
