/* profile_shape: the keys of a profile; those of links, services and functions stand beside it. */
#include "harness/model/profile_parts.h"
#include "harness/model/profile_value.h"

#include <string.h>

#include "harness/banned.h"

static const struct field device_fields[] = {
	{.key = "name",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED | FIELD_NUMERAL,
	 FIELD_AT(struct profile, name),
	 .meaning = "what the device is called in reports"},
	{.key = "component",
	 .type = FIELD_OTHER,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct profile, component),
	 .words = component_words,
	 .read = read_component,
	 .schema = "string",
	 .meaning = "the component type whose requirements apply"},
	{.key = "state",
	 .type = FIELD_WORD,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct profile, state),
	 .words = state_words,
	 .meaning = "as delivered (factory) or as configured (hardened)"},
	{.key = "firmware",
	 .type = FIELD_TEXT,
	 .flags = FIELD_NUMERAL,
	 FIELD_AT(struct profile, firmware),
	 .fallback = "unknown",
	 .meaning = "firmware version, for reports"},
	{.key = "vendor",
	 .type = FIELD_TEXT,
	 FIELD_AT(struct profile, vendor),
	 .meaning =
		 "who makes it: its delivered passwords, as far as a policy knows them, are tried "
		 "before general ones"},
	{0}};
static const struct shape device_shape = {"device", device_fields, 0, false, NULL};

#define CLAIM(n)                                                                                 \
	{                                                                                        \
		.key = "FR" #n, .type = FIELD_INT, FIELD_AT(struct profile, claim[n]), .min = 0, \
		.max = 4, .fallback = "0",                                                       \
		.meaning = "security level claimed for foundational requirement " #n             \
	}
static const struct field claim_fields[] = {CLAIM(1), CLAIM(2), CLAIM(3), CLAIM(4),
					    CLAIM(5), CLAIM(6), CLAIM(7), {0}};
static const struct shape claim_shape = {"claim", claim_fields, 0, false, NULL};

#define NUMBER(structure, name, low, high, without, what)                               \
	{                                                                               \
		.key = #name, .type = FIELD_INT, FIELD_AT(structure, name), .min = low, \
		.max = high, .fallback = without, .meaning = what                       \
	}
static const struct field budget_fields[] = {
	NUMBER(struct budget, frames_per_s, 1, 10000000, "1000",
	       "frames a second that any check may send"),
	NUMBER(struct budget, connections, 1, 1024, "4", "connections open at one time"),
	NUMBER(struct budget, half_open, 1, 65535, "4",
	       "connections begun and not finished at one time"),
	NUMBER(struct budget, failed_logins, 0, 100000, "3",
	       "wrong logins in a whole run, for each user name; always below "
	       "limits.lockout_attempts"),
	NUMBER(struct budget, writes, 0, 100000, "0", "writes to scratch points in a whole run"),
	NUMBER(struct budget, load_frames_per_s, 0, 100000000, "0",
	       "ceiling of a load check; 0: no load"),
	NUMBER(struct budget, load_s, 0, 86400, "0", "longest single load, in seconds; 0: no load"),
	{0}};
static const struct shape budget_shape = {"budget", budget_fields, 0, false, NULL};

static const struct field limits_fields[] = {
#define LIMIT(name, lowest, highest, meaning) \
	NUMBER(struct limits, name, lowest, highest, "-1", meaning),
#include "harness/model/limit.def"
#undef LIMIT
	{.key = "lockout_resets_on_login",
	 .type = FIELD_BOOL,
	 FIELD_AT(struct limits, lockout_resets_on_login),
	 .fallback = "false",
	 .meaning =
		 "true: a right login ends the count of wrong ones; accounts that may be locked out "
		 "then get up to budget.failed_logins, never as many as lock between two right "
		 "ones"},
	{0}};
static const struct shape limits_shape = {"limits", limits_fields, 0, false, NULL};

static const struct field absence_fields[] = {
	{.key = "condition",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct absence, condition),
	 .read = field_is_id,
	 .meaning = "a condition of the catalogue that the device lacks"},
	{.key = "reason",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct absence, reason),
	 .meaning = "why it does not have it"},
	{.key = "declared_by",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct absence, declared_by),
	 .meaning = "the person who declares it"},
	{0}};
static const struct shape absence_shape = {"absent condition", absence_fields,
					   sizeof(struct absence), false, NULL};

#define HOOK(name, what)                                                   \
	{                                                                  \
		.key = #name, .type = FIELD_TEXT, .flags = FIELD_NULLABLE, \
		FIELD_AT(struct hook, name), .meaning = what               \
	}
static const struct field hook_fields[] = {
	HOOK(power_cycle, "shell command that cuts and restores the power"),
	HOOK(reset, "shell command that restarts a device that does not come back, before the "
		    "power is cut; never a reset to factory settings"),
	HOOK(console, "shell command that prints the device's console; called when it is lost, its "
		      "output is evidence"),
	NUMBER(struct hook, timeout_s, 1, 3600, "120", "how long a command may take, in seconds"),
	{0}};
static const struct shape hook_shape = {"hooks", hook_fields, 0, false, NULL};

static const struct field profile_fields[] = {
	{.key = "device",
	 .type = FIELD_MAP,
	 .flags = FIELD_REQUIRED,
	 .shape = &device_shape,
	 .meaning = "what is under test"},
	{.key = "edition",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct profile, edition),
	 .meaning = "edition of the requirements, \"IEC 62443-4-2:2019\""},
	{.key = "claim",
	 .type = FIELD_MAP,
	 .shape = &claim_shape,
	 .meaning = "the security levels that are claimed"},
	{.key = "link",
	 .type = FIELD_MAP,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct profile, link),
	 .shape = &link_shape,
	 .meaning = "how the device is reached"},
	{.key = "links",
	 .type = FIELD_MAP,
	 .shape = &links_shape,
	 .meaning = "further legs of the bench"},
	{.key = "sources",
	 .type = FIELD_LIST,
	 FIELD_AT(struct profile, sources),
	 FIELD_COUNT(struct profile, source_count),
	 .shape = &source_shape,
	 .min = 0,
	 .max = 16,
	 .meaning = "addresses of the tester, and what each is for"},
	{.key = "consent",
	 .type = FIELD_OTHER,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct profile, consent),
	 .words = impact_words,
	 .read = read_consent,
	 .schema = "array",
	 .min = 0,
	 .max = 4,
	 .meaning = "what checks may do to the device"},
	{.key = "budget",
	 .type = FIELD_MAP,
	 FIELD_AT(struct profile, budget),
	 .shape = &budget_shape,
	 .meaning = "how much of it checks may do"},
	{.key = "recovery_s",
	 .type = FIELD_INT,
	 FIELD_AT(struct profile, recovery_s),
	 .min = 0,
	 .max = 86400,
	 .fallback = "30",
	 .meaning = "how long a lost device is waited for, in seconds"},
	{.key = "services",
	 .type = FIELD_LIST,
	 FIELD_AT(struct profile, services),
	 FIELD_COUNT(struct profile, service_count),
	 .shape = &service_shape,
	 .min = 0,
	 .max = 256,
	 .meaning = "what the device is meant to offer, and why"},
	{.key = "accounts",
	 .type = FIELD_LIST,
	 FIELD_AT(struct profile, accounts),
	 FIELD_COUNT(struct profile, account_count),
	 .shape = &account_shape,
	 .min = 0,
	 .max = 64,
	 .meaning = "accounts that the tester may use"},
	{.key = "essential_functions",
	 .type = FIELD_LIST,
	 FIELD_AT(struct profile, functions),
	 FIELD_COUNT(struct profile, function_count),
	 .shape = &function_shape,
	 .min = 0,
	 .max = 16,
	 .meaning = "what must not suffer, and how it is watched"},
	{.key = "limits",
	 .type = FIELD_MAP,
	 FIELD_AT(struct profile, limits),
	 .shape = &limits_shape,
	 .meaning = "limits that the device is declared to keep"},
	{.key = "absent",
	 .type = FIELD_LIST,
	 FIELD_AT(struct profile, absent),
	 FIELD_COUNT(struct profile, absent_count),
	 .shape = &absence_shape,
	 .min = 0,
	 .max = 64,
	 .meaning = "conditions that make requirements not applicable"},
	{.key = "hooks",
	 .type = FIELD_MAP,
	 FIELD_AT(struct profile, hooks),
	 .shape = &hook_shape,
	 .meaning = "commands that act on the bench"},
	{.key = "answers",
	 .type = FIELD_TEXT,
	 FIELD_AT(struct profile_file, answers),
	 .meaning = "file with people's answers, from the profile's folder"},
	{0}};
const struct shape profile_shape = {"profile", profile_fields, sizeof(struct profile_file), false,
				    NULL};
