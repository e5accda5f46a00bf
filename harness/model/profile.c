/* profile: reads a profile and its answers, and answers for its names. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "harness/model/profile.h"
#include "harness/base/digest.h"
#include "harness/model/profile_shape.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

#define PASSWORD_MAX 256

/* A path as somebody in this folder would write it. */
static const char *beside(struct arena *arena, const char *directory, const char *path)
{
	if (path == NULL || path[0] == '/' || strcmp(directory, ".") == 0) {
		return path;
	}
	return arena_printf(arena, "%s/%s", directory, path);
}

static const char *folder_of(struct arena *arena, const char *path)
{
	return arena_strdup(arena, dirname(arena_strdup(arena, path)));
}

static void resolve_paths(struct profile *profile)
{
	struct account *accounts = (struct account *)profile->accounts;
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		accounts[i].password_file =
			beside(profile->arena, profile->directory, accounts[i].password_file);
	}
}

void profile_read_answers(struct yaml_file *file, struct profile *profile)
{
	const char *folder = folder_of(file->arena, file->path);
	const struct yaml_node *item, *other;
	struct answer *answers;
	size_t i;

	if (file->root->kind != YAML_SEQUENCE) {
		yaml_mistake(file, file->root, "an answers file must be a list of answers");
		return;
	}
	answers = shape_read_list(&answer_shape, file, file->root);
	profile->answers = answers;
	profile->answer_count = file->root->count;
	if (file->mistakes > 0) {
		return;
	}
	for (item = file->root->first; item != NULL; item = item->next) {
		const struct yaml_node *check = yaml_get(item, "check");

		for (other = file->root->first; other != item; other = other->next) {
			if (strcmp(yaml_get(other, "check")->text, check->text) == 0) {
				yaml_mistake(file, check,
					     "check '%s' is already answered "
					     "on line %d",
					     check->text, other->row);
				break;
			}
		}
	}
	for (i = 0; i < profile->answer_count; i++) {
		answers[i].evidence = beside(file->arena, folder, answers[i].evidence);
	}
}

static int load_answers(struct profile *profile, const char *path, FILE *errors)
{
	struct yaml_file file;

	if (yaml_read(profile->arena, path, false, errors, &file) != 0) {
		return -1;
	}
	profile->answers_path = path;
	memcpy(profile->answers_digest, digest_of(file.bytes, file.size).hex,
	       sizeof(profile->answers_digest));
	profile_read_answers(&file, profile);
	return file.mistakes > 0 ? -1 : 0;
}

/* Where the answers are: beside the profile, or where a run has kept them. */
struct answers_place {
	bool wanted;
	const char *kept; /* NULL: where the profile says */
};

static int find_answers(struct profile *profile, const char *named,
			const struct answers_place *place, FILE *errors)
{
	const char *path = place->kept;

	if (named == NULL || !place->wanted) {
		return 0;
	}
	path = path != NULL ? arena_strdup(profile->arena, path)
			    : beside(profile->arena, profile->directory, named);
	return load_answers(profile, path, errors);
}

/* Makes the profile of a parsed file, in the file's arena. */
static int profile_make(struct yaml_file *file, const struct answers_place *place,
			struct profile **ret)
{
	struct profile_file *raw = arena_alloc(file->arena, sizeof(*raw));
	struct profile *profile = &raw->profile;
	int answers;

	shape_read(&profile_shape, file, file->root, raw);
	if (file->mistakes == 0) {
		profile_check(file, profile);
	}
	profile->arena = file->arena;
	profile->path = file->path;
	profile->directory = folder_of(file->arena, file->path);
	memcpy(profile->digest, digest_of(file->bytes, file->size).hex, sizeof(profile->digest));
	answers = find_answers(profile, raw->answers, place, file->errors);
	if (file->mistakes > 0 || answers != 0) {
		return -1;
	}
	resolve_paths(profile);
	*ret = profile;
	return 0;
}

int profile_parse(const char *path, const char *bytes, size_t size, FILE *errors,
		  struct profile **ret)
{
	struct answers_place none = {.wanted = false};
	struct arena *arena = arena_new();
	struct yaml_file file;

	if (yaml_parse(arena, path, bytes, size, true, errors, &file) != 0 ||
	    profile_make(&file, &none, ret) != 0) {
		arena_free(arena);
		return -1;
	}
	return 0;
}

int profile_load(const char *path, FILE *errors, struct profile **ret)
{
	return profile_load_kept(path, NULL, errors, ret);
}

int profile_load_kept(const char *path, const char *answers_path, FILE *errors,
		      struct profile **ret)
{
	struct answers_place place = {.wanted = true, .kept = answers_path};
	struct arena *arena = arena_new();
	struct yaml_file file;

	if (yaml_read(arena, path, true, errors, &file) != 0 ||
	    profile_make(&file, &place, ret) != 0) {
		arena_free(arena);
		return -1;
	}
	return 0;
}

void profile_free(struct profile *profile)
{
	if (profile != NULL) {
		arena_free(profile->arena);
	}
}

const struct address *profile_source(const struct profile *profile, const char *name,
				     enum address_family family)
{
	const struct device_link *link = &profile->link;
	size_t i;

	if (family == ADDRESS_NONE) {
		return NULL;
	}
	for (i = 0; i < profile->source_count; i++) {
		if (strcmp(profile->sources[i].name, name) == 0 &&
		    profile->sources[i].address.family == family) {
			return &profile->sources[i].address;
		}
	}
	if (strcmp(name, "main") == 0 && link->source.family == family) {
		return &link->source;
	}
	if (strcmp(name, "witness") == 0 && link->witness.family == family) {
		return &link->witness;
	}
	return NULL;
}

static const char *const family_words[] = {"first", "ipv4", "ipv6"};

const char *profile_family_word(size_t i)
{
	return i < ARRAY_SIZE(family_words) ? family_words[i] : NULL;
}

const struct address *profile_address(const struct profile *profile, const char *family)
{
	const struct device_link *link = &profile->link;
	enum address_family wanted = strcmp(family, "ipv6") == 0   ? ADDRESS_IPV6
				     : strcmp(family, "ipv4") == 0 ? ADDRESS_IPV4
								   : link->address.family;

	if (link->address.family == wanted) {
		return &link->address;
	}
	return wanted == ADDRESS_IPV6 && link->ipv6_count > 0 ? &link->ipv6[0] : NULL;
}

bool profile_has_address(const struct profile *profile, const struct address *address)
{
	const struct device_link *link = &profile->link;
	bool found = address_given(address) && address_equal(address, &link->address);
	size_t i;

	for (i = 0; i < link->ipv6_count; i++) {
		found = found || address_equal(address, &link->ipv6[i]);
	}
	return found;
}

const struct service *profile_service(const struct profile *profile, const char *name)
{
	size_t i;

	for (i = 0; i < profile->service_count; i++) {
		if (strcmp(profile->services[i].name, name) == 0) {
			return &profile->services[i];
		}
	}
	return NULL;
}

const struct account *profile_account(const struct profile *profile, const char *name)
{
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		if (strcmp(profile->accounts[i].name, name) == 0) {
			return &profile->accounts[i];
		}
	}
	return NULL;
}

bool profile_login_resets(const struct profile *profile, const char *user)
{
	bool disposable = false;
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		if (strcmp(profile->accounts[i].user, user) != 0) {
			continue;
		}
		if (!profile->accounts[i].disposable) {
			return false;
		}
		disposable = true;
	}
	return disposable && profile->limits.lockout_resets_on_login;
}

const struct essential_function *profile_function(const struct profile *profile, const char *name)
{
	size_t i;

	for (i = 0; i < profile->function_count; i++) {
		if (strcmp(profile->functions[i].name, name) == 0) {
			return &profile->functions[i];
		}
	}
	return NULL;
}

/* Reads at most size bytes of the file; returns their number or -1. */
static ssize_t read_start(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t used = 0;
	ssize_t got = 1;

	if (fd < 0) {
		return -1;
	}
	while (used < size && got > 0) {
		got = read(fd, out + used, size - used);
		used += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	return got < 0 ? -1 : (ssize_t)used;
}

static int password_from_file(const struct account *account, char *out, struct text *why)
{
	ssize_t size = read_start(account->password_file, out, PASSWORD_MAX + 2);

	if (size < 0) {
		return text_error(why,
				  "cannot read the password file '%s' of "
				  "account '%s': %s",
				  account->password_file, account->name, strerror(errno));
	}
	if (size > 0 && out[size - 1] == '\n') {
		size--;
	}
	if (size > PASSWORD_MAX || memchr(out, '\0', (size_t)size) != NULL) {
		return text_error(why,
				  "the password file '%s' of account '%s' "
				  "holds more than one short line",
				  account->password_file, account->name);
	}
	out[size] = '\0';
	return (int)size;
}

static int password_from_env(const struct account *account, char *out, struct text *why)
{
	const char *value = getenv(account->password_env);

	if (value == NULL) {
		return text_error(why,
				  "the environment variable '%s' with the "
				  "password of account '%s' is not set",
				  account->password_env, account->name);
	}
	if (strlen(value) > PASSWORD_MAX) {
		return text_error(why,
				  "the password of account '%s' is longer "
				  "than %d bytes",
				  account->name, PASSWORD_MAX);
	}
	memcpy(out, value, strlen(value) + 1);
	return (int)strlen(value);
}

int account_password(const struct account *account, char *out, size_t capacity, struct text *why)
{
	char password[PASSWORD_MAX + 3];
	int size;

	if (account->password_env == NULL && account->password_file == NULL) {
		return text_error(why,
				  "account '%s' has no password: the profile "
				  "names neither 'password_env' nor "
				  "'password_file'",
				  account->name);
	}
	size = account->password_env != NULL ? password_from_env(account, password, why)
					     : password_from_file(account, password, why);
	if (size >= 0 && (size_t)size >= capacity) {
		size = text_error(why, "the password of account '%s' does not fit", account->name);
	}
	if (size >= 0) {
		memcpy(out, password, (size_t)size + 1);
	}
	explicit_bzero(password, sizeof(password));
	return size;
}
