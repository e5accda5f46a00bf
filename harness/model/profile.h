/*
 * profile: what the tester declares about one device under test: what it is,
 * how it is reached, what may be done to it, what it is meant to offer. Read
 * from YAML by profile_load(); everything downstream only reads it.
 */
#ifndef ASSAY_MODEL_PROFILE_H
#define ASSAY_MODEL_PROFILE_H

#include "harness/base/address.h"
#include "harness/base/arena.h"
#include "harness/base/text.h"
#include "harness/model/param.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What a check may do to the device; also the order of execution. */
enum impact {
#define IMPACT(name, word, sentence) IMPACT_##name,
#include "harness/model/impact.def"
#undef IMPACT
};
enum {
	IMPACT_COUNT = 0
#define IMPACT(name, word, sentence) +1
#include "harness/model/impact.def"
#undef IMPACT
};
/* The words, in order; NULL ends. */
extern const char *const impact_words[];
/* "observe"; what that is; from word: -1 if unknown. */
const char *impact_word(enum impact impact);
const char *impact_sentence(enum impact impact);
int impact_from_word(const char *word);

/* Component types are data: an id such as "EDR" and a long name. */
enum device_state {
#define STATE(name, word) STATE_##name,
#include "harness/model/device_state.def"
#undef STATE
};
extern const char *const state_words[];
const char *state_word(enum device_state state);

struct login_form {           /* how a person logs in over HTTP; NULL members: none */
	const char *form;     /* path the form is sent to */
	const char *json;     /* path a JSON object is sent to */
	const char *user;     /* name of the user field or member */
	const char *password; /* name of the password field or member */
	const char *token;    /* member of the answer to 'json' with a bearer token */
	const char *ok;       /* path only a logged-in user may read */
	const char *logout;   /* path that ends the session */
};

struct service {
	const char *name;     /* the profile's own name, unique */
	const char *protocol; /* "ssh", "https", "http", "telnet", "ftp",
	                       * "modbus", "tls", or any other word */
	bool udp;
	uint16_t port;
	const char *purpose;      /* why the device offers it */
	int64_t unit;             /* Modbus unit identifier, 0 to 255; default 1 */
	int64_t scratch_register; /* holding register that may be written, -1
	                           * where none is declared */
	int64_t clients;          /* connections it takes at one time; 0: not limited */
	struct login_form login;
	const char *account;          /* name of the account that logs in to it, or NULL */
	const char *server_name;      /* TLS server name (RFC 6066), or NULL */
	const char *public_paths[16]; /* HTTP paths meant for everybody, NULL
	                               * ends */
};

struct account {
	const char *name;
	const char *user;
	const char *role;
	const char *password_env;    /* name of an environment variable, or NULL */
	const char *password_file;   /* path, resolved against the profile's
	                            * folder, or NULL */
	bool disposable;             /* may be locked out */
	bool delivered;              /* its password is the documented one of delivery */
	const char *const *services; /* names of those it is meant for; none, or NULL: all */
};

/* Where the essential function's view belongs: control or process view. */
enum view {
#define VIEW(name, word, what) VIEW_##name,
#include "harness/model/view.def"
#undef VIEW
};
extern const char *const view_words[];
/* "downward"; "control"; from word: -1 if unknown. */
const char *view_word(enum view view);
const char *view_meaning(enum view view);
int view_from_word(const char *word);

struct tolerance {
	int64_t gap_ms;   /* longest time without progress that is allowed */
	double loss;      /* share of samples that may be lost, 0 to 1 */
	double recover_s; /* time to be back within gap_ms after the load */
};

struct essential_function {
	const char *name;
	const char *watch;          /* id of a monitor: "modbus.counter" */
	const struct setting *with; /* the monitor's parameters, unresolved */
	size_t with_count;
	int row, column; /* where it stands in the profile, from 1 */
	int64_t period_ms;
	enum view view;
	struct tolerance tolerance;
	int64_t tripwire_ms; /* a load is stopped when the function has shown no
	                      * progress for so long */
};

struct budget {
	int64_t frames_per_s;
	int64_t connections; /* open at one time */
	int64_t half_open;
	int64_t failed_logins;     /* in a whole run, per account */
	int64_t writes;            /* in a whole run */
	int64_t load_frames_per_s; /* ceiling of any load check */
	int64_t load_s;            /* longest single load window */
};

struct device_link {
	const char *interface;
	struct address address; /* the device, IPv4 or IPv6 */
	struct address ipv6[8]; /* its further addresses, IPv6 */
	size_t ipv6_count;
	uint8_t mac[6];
	bool mac_given;
	struct address source;         /* the tester's address; none: the kernel's choice */
	struct address witness;        /* the tester's second address, or none */
	const uint16_t *exclude_ports; /* never touched, by no check */
	size_t exclude_count;
	bool default_route_meant; /* "shared: true": the interface may carry a
	                           * default route */
	/* Words of multicast.def: groups that may be listened to; NULL ends, and
	 * none where NULL. */
	const char *const *multicast;
};

/* An address of the tester and what it is for: "main" (what is measured),
 * "monitor" (samples of essential functions alone), "witness" (asks again), or
 * a name of the profile's own. A name has at most one address of each family. */
struct source {
	const char *name;
	struct address address;
};

struct hook {
	const char *power_cycle; /* shell commands, NULL where there is none */
	const char *reset;
	const char *console;
	int64_t timeout_s;
};

struct limits { /* -1 where the profile declares none */
#define LIMIT(name, lowest, highest, meaning) int64_t name;
#include "harness/model/limit.def"
#undef LIMIT
	bool lockout_resets_on_login; /* a right login ends the count that locks an account */
};

struct absence {               /* a condition that makes requirements not applicable */
	const char *condition; /* "wireless", "mobile-code", ... */
	const char *reason;
	const char *declared_by;
};

struct answer {            /* a person's answer to an 'ask' check */
	const char *check; /* id of the check */
	bool met;          /* what the person found */
	const char *statement;
	const char *who, *role, *when; /* name, function, RFC 3339 date */
	const char *evidence;          /* path of the file, or NULL */
	const char *evidence_sha256;   /* 64 digits, or NULL */
	const char *reviewed_by;       /* NULL: not reviewed */
	const char *valid_until;       /* date, or NULL */
};

struct profile {
	struct arena *arena; /* owns everything below */
	const char *path;    /* as given; messages and hooks */
	const char *directory;
	char digest[65]; /* SHA-256 of the file's bytes */

	const char *name;
	const char *component; /* "SAR", "EDR", "HDR", "NDR" */
	enum device_state state;
	const char *firmware;
	const char *vendor;  /* or NULL */
	const char *edition; /* "IEC 62443-4-2:2019" */
	int claim[8];        /* claimed level by FR number 1 to 7; 0: none */

	struct device_link link;
	struct device_link far;       /* beyond the device; no interface: none */
	const struct source *sources; /* without the short forms in link */
	size_t source_count;
	bool consent[IMPACT_COUNT];
	struct budget budget;
	int64_t recovery_s; /* how long a lost device is waited for */

	const struct service *services;
	size_t service_count;
	const struct account *accounts;
	size_t account_count;
	const struct essential_function *functions;
	size_t function_count;
	struct limits limits;
	const struct absence *absent;
	size_t absent_count;
	struct hook hooks;
	const struct answer *answers;
	size_t answer_count;
	const char *answers_path; /* the file they were read from, or NULL */
	char answers_digest[65];  /* SHA-256 of its bytes; "" for none */
};

/*
 * Reads a profile and the answers file it names. Every mistake is printed to
 * errors as 'file:line:column: sentence' with the line and a caret, all of
 * them before returning. Returns 0 and the profile (release with
 * profile_free()), or -1.
 */
int profile_load(const char *path, FILE *errors, struct profile **ret);
/* The same for a profile kept in a run directory: the answers, if it names any,
 * are read from answers_path. */
int profile_load_kept(const char *path, const char *answers_path, FILE *errors,
		      struct profile **ret);
void profile_free(struct profile *profile);

/* The tester's address of this name and family, also where the profile has it
 * in its short form (link.source is "main", link.witness is "witness"); NULL
 * where it declares none. */
const struct address *profile_source(const struct profile *profile, const char *name,
				     enum address_family family);
/* Which address of the device a parameter asks for: "first" (link.address),
 * "ipv4", "ipv6" (the first of that family); NULL past the last. */
const char *profile_family_word(size_t i);
/* The device's address for such a word; NULL where the profile declares none. */
const struct address *profile_address(const struct profile *profile, const char *family);
/* True if this is one of the device's addresses. */
bool profile_has_address(const struct profile *profile, const struct address *address);

const struct service *profile_service(const struct profile *profile, const char *name);
const struct account *profile_account(const struct profile *profile, const char *name);
/* True where a right login as this user begins the count of failed logins anew: the device is
 * declared to do so, and every account of the name may be locked out. */
bool profile_login_resets(const struct profile *profile, const char *user);
const struct essential_function *profile_function(const struct profile *profile, const char *name);

/*
 * Fetches an account's password from its environment variable or file into
 * out. Returns its length, or -1 with the reason in why. The caller clears out
 * with explicit_bzero().
 */
int account_password(const struct account *account, char *out, size_t capacity, struct text *why);

#endif
