/* secret_form: the forms in which a password travels, and where they stand in bytes. */
#define _GNU_SOURCE
#include "harness/run/secret_parts.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

/* A shorter one stands in every file by chance: it is masked only behind what
 * announces a password. */
#define SHORTEST_ALONE 4

/* --- the forms ---------------------------------------------------------------- */

static struct form *form_add(struct secrets *secrets, const char *before, const char *bytes,
			     size_t size)
{
	size_t kept = strlen(before);
	struct form *form, **place;
	char *copy = secrets_alloc(secrets, kept + size + 1);

	memcpy(copy, before, kept);
	memcpy(copy + kept, bytes, size);
	place = &secrets->first[(unsigned char)copy[0]];
	for (form = *place; form != NULL; form = form->next) {
		if (form->size == kept + size && form->kept == kept &&
		    memcmp(form->bytes, copy, form->size) == 0) {
			return form;
		}
	}
	form = secrets_alloc(secrets, sizeof(*form));
	*form = (struct form){.bytes = copy,
			      .size = kept + size,
			      .kept = kept,
			      .whole = size < SHORTEST_ALONE,
			      .next = *place};
	*place = form;
	secrets->any = true;
	return form;
}

/* How a percent-encoding writes what it encodes. */
struct percent {
	const char *digits;
	bool plus; /* a space is '+': a form's */
	bool all;  /* also what need not be */
};

/* RFC 3986: everything but unreserved characters. */
static size_t percent(const struct percent *way, const char *text, size_t size, char *out)
{
	size_t i, used = 0;

	for (i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!way->all && (isalnum(c) || strchr("-._~", c) != NULL)) {
			out[used++] = (char)c;
		} else if (c == ' ' && way->plus) {
			out[used++] = '+';
		} else {
			out[used++] = '%';
			out[used++] = way->digits[c >> 4];
			out[used++] = way->digits[c & 15];
		}
	}
	return used;
}

static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

/* Plain, as a report prints it, and as a form or an address writes it. */
static void add_written(struct secrets *secrets, const char *before, const char *password,
			size_t size)
{
	static const struct percent ways[] = {
		{upper, false, false}, {upper, true, false}, {lower, false, false},
		{lower, true, false},  {upper, false, true}, {lower, false, true},
	};
	char out[4 * SECRET_LONGEST];
	size_t i, used;

	if (size >= SHORTEST_ALONE || before[0] != '\0') {
		form_add(secrets, before, password, size);
		text_printable(out, sizeof(out), password, size);
		form_add(secrets, before, out, strlen(out));
	}
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		used = percent(&ways[i], password, size, out);
		if (used >= SHORTEST_ALONE || before[0] != '\0') {
			form_add(secrets, before, out, used);
		}
	}
	explicit_bzero(out, sizeof(out));
}

/* As a dump writes it: 636f, 63 6f, 63:6f, in either case. */
static void add_hexadecimal(struct secrets *secrets, const char *password, size_t size)
{
	static const char *const digits[] = {lower, upper};
	static const char between[] = {'\0', ' ', ':'};
	char out[3 * SECRET_LONGEST];
	size_t i, k, at, used;

	for (i = 0; i < ARRAY_SIZE(digits); i++) {
		for (k = 0; k < sizeof(between); k++) {
			for (at = 0, used = 0; at < size; at++) {
				if (at > 0 && between[k] != '\0') {
					out[used++] = between[k];
				}
				out[used++] = digits[i][(unsigned char)password[at] >> 4];
				out[used++] = digits[i][(unsigned char)password[at] & 15];
			}
			form_add(secrets, "", out, used);
		}
	}
	explicit_bzero(out, sizeof(out));
}

/* RFC 4648, 4 and 5: the same text in the alphabet of addresses. */
static struct form *add_both_alphabets(struct secrets *secrets, char *text, size_t size,
				       struct form **ret_other)
{
	struct form *form = form_add(secrets, "", text, size);
	size_t i;

	for (i = 0; i < size; i++) {
		text[i] = (char)(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
	}
	*ret_other = form_add(secrets, "", text, size);
	return form;
}

/*
 * Wherever it stands in what was encoded: behind a multiple of three bytes, or one or two more.
 * Only the digits that nothing but the password decides are looked for; a digit at an edge, which
 * holds bits of it too, is masked with them.
 */
static void add_base64_within(struct secrets *secrets, const char *bytes, size_t size)
{
	unsigned char plain[2 * SECRET_LONGEST + 8] = {0};
	char text[4 * SECRET_LONGEST];
	struct form *forms[2];
	size_t before, from, to, i;

	for (before = 0; before < 3; before++) {
		memset(plain, 0, sizeof(plain));
		memcpy(plain + before, bytes, size);
		EVP_EncodeBlock((unsigned char *)text, plain, (int)(before + size));
		from = (8 * before + 5) / 6;
		to = 8 * (before + size) / 6;
		if (to < from + SHORTEST_ALONE) {
			continue;
		}
		forms[0] = add_both_alphabets(secrets, text + from, to - from, &forms[1]);
		for (i = 0; i < 2; i++) {
			forms[i]->edge = forms[i]->edge || before > 0;
			forms[i]->margin = forms[i]->margin || 8 * (before + size) % 6 != 0;
		}
	}
	explicit_bzero(plain, sizeof(plain));
	explicit_bzero(text, sizeof(text));
}

/* RFC 7617: base64 of user:password; RFC 4616: of NUL user NUL password. Whole, with their
 * padding, and within something longer. */
static void add_base64_with_user(struct secrets *secrets, const char *user, const char *password,
				 size_t size)
{
	char plain[2 * SECRET_LONGEST + 2], text[4 * SECRET_LONGEST];
	size_t user_size = strlen(user), used;
	struct form *other;
	int length;

	if (user_size > SECRET_LONGEST) {
		return;
	}
	memcpy(plain + 1, user, user_size);
	memcpy(plain + 1 + user_size + 1, password, size);
	used = user_size + 1 + size;
	plain[1 + user_size] = ':';
	length =
		EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)plain + 1, (int)used);
	(void)add_both_alphabets(secrets, text, (size_t)length, &other);
	add_base64_within(secrets, plain + 1, used);
	plain[0] = plain[1 + user_size] = '\0';
	length =
		EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)plain, (int)used + 1);
	(void)add_both_alphabets(secrets, text, (size_t)length, &other);
	explicit_bzero(plain, sizeof(plain));
	explicit_bzero(text, sizeof(text));
}

/* What announces a password: FTP's and POP's command, and the profile's own
 * form fields. */
static void add_announced(struct secrets *secrets, const struct profile *profile,
			  const char *password, size_t size)
{
	char before[256];
	size_t i;

	add_written(secrets, "PASS ", password, size);
	for (i = 0; i < profile->service_count; i++) {
		const char *field = profile->services[i].login.password;

		if (field != NULL) {
			snprintf(before, sizeof(before), "%s=", field);
			add_written(secrets, before, password, size);
		}
	}
}

void secret_forms(struct secrets *secrets, const struct account *account, const char *password,
		  size_t size)
{
	if (size == 0 || strcmp(password, account->user) == 0) {
		return;
	}
	add_written(secrets, "", password, size);
	add_base64_with_user(secrets, account->user, password, size);
	if (size < SHORTEST_ALONE) {
		add_announced(secrets, secrets->profile, password, size);
	} else {
		add_hexadecimal(secrets, password, size);
		add_base64_within(secrets, password, size);
	}
}

void secret_word_forms(struct secrets *secrets, const char *word, size_t size)
{
	add_written(secrets, "", word, size);
	add_hexadecimal(secrets, word, size);
	add_base64_within(secrets, word, size);
}

/* --- finding --------------------------------------------------------------------- */

/* The longest form that stands at bytes, or NULL. */
static const struct form *form_at(const struct secrets *secrets, const char *bytes, size_t size)
{
	const struct form *form, *longest = NULL;

	if (secrets->base != NULL) {
		longest = form_at(secrets->base, bytes, size);
	}
	for (form = secrets->first[(unsigned char)bytes[0]]; form != NULL; form = form->next) {
		if (form->size > size || (longest != NULL && form->size <= longest->size) ||
		    memcmp(bytes, form->bytes, form->size) != 0 ||
		    (form->whole && form->size < size &&
		     isalnum((unsigned char)bytes[form->size]))) {
			continue;
		}
		longest = form;
	}
	return longest;
}

static bool is_base64(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("+/-_", c) != NULL);
}

bool secrets_find(const struct secrets *secrets, const char *bytes, size_t size, size_t *at,
		  size_t *ret_size)
{
	const struct form *form;
	size_t i, from, to;

	for (i = *at; i < size; i++) {
		form = form_at(secrets, bytes + i, size - i);
		if (form == NULL) {
			continue;
		}
		from = i + form->kept;
		to = i + form->size;
		if (form->edge && i > *at && is_base64(bytes[i - 1])) {
			from--;
		}
		if (form->margin && to < size && is_base64(bytes[to])) {
			to++;
		}
		*at = from;
		*ret_size = to - from;
		return true;
	}
	return false;
}

const char *secrets_mask(const struct secrets *secrets, struct arena *arena, const char *text)
{
	size_t at = 0, from = 0, size, length;
	char *out = NULL;

	length = text == NULL ? 0 : strlen(text);
	while (secrets_find(secrets, text, length, &at, &size)) {
		out = arena_printf(arena, "%s%.*s" SECRET_MASK, out == NULL ? "" : out,
				   (int)(at - from), text + from);
		at += size;
		from = at;
	}
	return out == NULL ? text : arena_printf(arena, "%s%s", out, text + from);
}
