/* tls_numbers: sets of TLS code points: suites and groups. */
#ifndef ASSAY_PROBES_TLS_NUMBERS_H
#define ASSAY_PROBES_TLS_NUMBERS_H

#include "probes/tls/tls_names.h"

struct tls_numbers { /* a set of codes, in the order they came */
	uint16_t at[TLS_SUITES_MAX];
	size_t count;
};

bool tls_numbers_have(const struct tls_numbers *numbers, uint16_t number);
/* Adds the number unless it is there already. */
void tls_numbers_add(struct tls_numbers *numbers, uint16_t number);
void tls_numbers_drop(struct tls_numbers *numbers, uint16_t number);
void tls_numbers_drop_first(struct tls_numbers *numbers, size_t count);
/* Every suite that fits the version, and every group that is not in without
 * (NULL: all), in the tables' order. */
struct tls_numbers tls_numbers_suites(uint16_t version);
struct tls_numbers tls_numbers_groups(const struct tls_numbers *without);

#endif
