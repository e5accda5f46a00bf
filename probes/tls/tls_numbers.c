/* tls_numbers: sets of code points. Contract in tls_numbers.h. */
#include "probes/tls/tls_numbers.h"
#include "harness/base/text.h"

#include "harness/banned.h"

bool tls_numbers_have(const struct tls_numbers *numbers, uint16_t number)
{
	size_t i;

	for (i = 0; i < numbers->count; i++) {
		if (numbers->at[i] == number) {
			return true;
		}
	}
	return false;
}

void tls_numbers_add(struct tls_numbers *numbers, uint16_t number)
{
	if (tls_numbers_have(numbers, number)) {
		return;
	}
	if (numbers->count == TLS_SUITES_MAX) {
		BUG("more numbers than TLS_SUITES_MAX");
	}
	numbers->at[numbers->count++] = number;
}

void tls_numbers_drop(struct tls_numbers *numbers, uint16_t number)
{
	size_t i, kept = 0;

	for (i = 0; i < numbers->count; i++) {
		if (numbers->at[i] != number) {
			numbers->at[kept++] = numbers->at[i];
		}
	}
	numbers->count = kept;
}

void tls_numbers_drop_first(struct tls_numbers *numbers, size_t count)
{
	size_t i;

	for (i = count; i < numbers->count; i++) {
		numbers->at[i - count] = numbers->at[i];
	}
	numbers->count -= count;
}

struct tls_numbers tls_numbers_suites(uint16_t version)
{
	struct tls_numbers all = {.count = 0};
	const struct tls_suite *suite;

	for (suite = tls_suites; suite->name != NULL; suite++) {
		if (tls_suite_fits(suite, version)) {
			tls_numbers_add(&all, suite->code);
		}
	}
	return all;
}

struct tls_numbers tls_numbers_groups(const struct tls_numbers *without)
{
	struct tls_numbers all = {.count = 0};
	const struct tls_group *group;

	for (group = tls_groups; group->name != NULL; group++) {
		if (without == NULL || !tls_numbers_have(without, group->code)) {
			tls_numbers_add(&all, group->code);
		}
	}
	return all;
}
