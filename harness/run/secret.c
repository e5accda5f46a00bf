/* secret: finds passwords in the forms in which they travel. */
#define _GNU_SOURCE
#include "harness/run/secret.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

/* A shorter one stands in every file by chance: it is masked only behind what
 * announces a password. */
#define SHORTEST_ALONE 4
#define LONGEST        512

struct form {
	const char *bytes;
	size_t size;
	size_t kept; /* bytes in front that are not secret */
	bool whole;  /* what follows must not be a letter or a digit */
};

struct secrets {
	struct arena *arena;
	struct form *forms;
	size_t count;
	bool first[256]; /* bytes that a form begins with */
};

static void form_add(struct secrets *secrets, const char *before, const char *bytes, size_t size)
{
	size_t kept = strlen(before), i;
	struct form form = {.size = kept + size, .kept = kept, .whole = size < SHORTEST_ALONE};
	char *copy = arena_alloc(secrets->arena, kept + size + 1);

	memcpy(copy, before, kept);
	memcpy(copy + kept, bytes, size);
	form.bytes = copy;
	for (i = 0; i < secrets->count; i++) {
		const struct form *other = &secrets->forms[i];

		if (other->size == form.size && other->kept == kept &&
		    memcmp(other->bytes, copy, form.size) == 0) {
			return;
		}
	}
	secrets->first[(unsigned char)copy[0]] = true;
	*(struct form *)arena_push(secrets->arena, &secrets->forms, &secrets->count, sizeof(form)) =
		form;
}

/* RFC 3986: everything but unreserved characters; '+' is how forms write a
 * space. */
static size_t percent(const char *digits, bool plus, const char *text, size_t size, char *out)
{
	size_t i, used = 0;

	for (i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (isalnum(c) || strchr("-._~", c) != NULL) {
			out[used++] = (char)c;
		} else if (c == ' ' && plus) {
			out[used++] = '+';
		} else {
			out[used++] = '%';
			out[used++] = digits[c >> 4];
			out[used++] = digits[c & 15];
		}
	}
	return used;
}

/* Plain, and as a form writes it. */
static void add_written(struct secrets *secrets, const char *before, const char *password,
			size_t size)
{
	static const struct {
		const char *digits;
		bool plus;
	} ways[] = {
		{"0123456789ABCDEF", false},
		{"0123456789ABCDEF", true},
		{"0123456789abcdef", false},
		{"0123456789abcdef", true},
	};
	char out[3 * LONGEST];
	size_t i, used;

	if (size >= SHORTEST_ALONE || before[0] != '\0') {
		form_add(secrets, before, password, size);
	}
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		used = percent(ways[i].digits, ways[i].plus, password, size, out);
		if (used >= SHORTEST_ALONE || before[0] != '\0') {
			form_add(secrets, before, out, used);
		}
	}
	explicit_bzero(out, sizeof(out));
}

/* RFC 7617: base64 of user:password; RFC 4616: of NUL user NUL password. */
static void add_base64(struct secrets *secrets, const char *user, const char *password, size_t size)
{
	char plain[2 * LONGEST + 2], text[4 * LONGEST];
	size_t user_size = strlen(user), used;
	int length;

	if (user_size > LONGEST) {
		return;
	}
	memcpy(plain + 1, user, user_size);
	memcpy(plain + 1 + user_size + 1, password, size);
	used = user_size + 1 + size;
	plain[1 + user_size] = ':';
	length =
		EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)plain + 1, (int)used);
	form_add(secrets, "", text, (size_t)length);
	plain[0] = plain[1 + user_size] = '\0';
	length =
		EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)plain, (int)used + 1);
	form_add(secrets, "", text, (size_t)length);
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

struct secrets *secrets_new(const struct profile *profile)
{
	struct arena *arena = arena_new();
	struct secrets *secrets = arena_alloc(arena, sizeof(*secrets));
	char password[LONGEST];
	size_t i;
	long size;

	secrets->arena = arena;
	for (i = 0; i < profile->account_count; i++) {
		const struct account *account = &profile->accounts[i];

		size = account_password(account, password, sizeof(password), NULL);
		if (size <= 0 || strcmp(password, account->user) == 0) {
			continue;
		}
		add_written(secrets, "", password, (size_t)size);
		add_base64(secrets, account->user, password, (size_t)size);
		if (size < SHORTEST_ALONE) {
			add_announced(secrets, profile, password, (size_t)size);
		}
	}
	explicit_bzero(password, sizeof(password));
	return secrets;
}

void secrets_free(struct secrets *secrets)
{
	size_t i;

	if (secrets == NULL) {
		return;
	}
	for (i = 0; i < secrets->count; i++) {
		explicit_bzero((char *)secrets->forms[i].bytes, secrets->forms[i].size);
	}
	arena_free(secrets->arena);
}

bool secrets_empty(const struct secrets *secrets)
{
	return secrets->count == 0;
}

/* The longest form that stands at bytes, or NULL. */
static const struct form *form_at(const struct secrets *secrets, const char *bytes, size_t size)
{
	const struct form *longest = NULL;
	size_t i;

	for (i = 0; i < secrets->count; i++) {
		const struct form *form = &secrets->forms[i];

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

bool secrets_find(const struct secrets *secrets, const char *bytes, size_t size, size_t *at,
		  size_t *ret_size)
{
	const struct form *form;
	size_t i;

	for (i = *at; i < size; i++) {
		if (!secrets->first[(unsigned char)bytes[i]]) {
			continue;
		}
		form = form_at(secrets, bytes + i, size - i);
		if (form != NULL) {
			*at = i + form->kept;
			*ret_size = form->size - form->kept;
			return true;
		}
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
