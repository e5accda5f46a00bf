/* trait: the switches of a simulated device and their values, from the closed
 * list in trait.def. */
#ifndef ASSAY_TARGETS_TRAIT_H
#define ASSAY_TARGETS_TRAIT_H

#include "harness/base/text.h"
#include <stdint.h>
#include <stdio.h>

/* The services that can misbehave; the order of enum service_kind. */
#define SERVICE_WORDS "none|ssh|https|http|telnet|ftp|modbus|hidden|all"

enum trait {
#define TRAIT(name, word, kind, weak, hardened, range, meaning) TRAIT_##name,
#include "targets/simulated/trait.def"
#undef TRAIT
	TRAIT_COUNT
};

/* Values that traits of kind CHOICE have: places in their range. */
enum { HTTP_OFF, HTTP_REDIRECT, HTTP_ON };
enum { WRITE_NONE, WRITE_SCRATCH, WRITE_ANYWHERE };
enum { COMPARE_EXACT, COMPARE_ANY_CASE, COMPARE_FIRST_8, COMPARE_BEGINS };
enum { WHEN_ALWAYS, WHEN_NO_NAME, WHEN_NO_ALPN, WHEN_NAME };
enum { REFUSE_STATUS, REFUSE_REDIRECT, REFUSE_PAGE };
enum { FTP_TLS_OFF, FTP_TLS_OFFERED, FTP_TLS_DEMANDED };
enum { BY_ANY, BY_22, BY_23 };
enum {
	FILTER_NONE,
	FILTER_DROP_CLOSED,
	FILTER_LIMIT_RST,
	FILTER_LIMIT_CONNECTS,
	FILTER_BAN_SILENT,
	FILTER_BAN_RESET,
	FILTER_RESET_MAIN
};
enum { LOAD_ARP, LOAD_SYN, LOAD_ARP_SYN, LOAD_TCP, LOAD_ANY };

enum temper { TEMPER_WEAK, TEMPER_HARDENED };

struct traits {
	/* SWITCH: 0 or 1; NUMBER: the number; CHOICE: place in its range. */
	int64_t value[TRAIT_COUNT];
};

/* All traits as the weak or the hardened device has them. */
struct traits traits_of(enum temper temper);
/* Sets one trait from 'word=value'. Returns 0, or -1 with the reason. */
int traits_set(struct traits *traits, const char *assignment, struct text *why);
/* One line per trait: word, both defaults, range, meaning. */
void traits_print(FILE *out);
const char *trait_word(enum trait trait);

#endif
