/* secret: keeps passwords in pages that a fork leaves empty. */
#define _GNU_SOURCE
#include "harness/run/secret_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/banned.h"

/* A mapping's size; what one account needs is about 40 forms of at most 2 KiB. */
#define BLOCK_SIZE ((size_t)256 << 10)

/* Pages of secrets; the first block begins with struct secrets. */
struct block {
	struct block *next;
	size_t used;
};

/* --- pages ------------------------------------------------------------------ */

static struct block *block_new(void)
{
	struct block *block =
		mmap(NULL, BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (block == MAP_FAILED || madvise(block, BLOCK_SIZE, MADV_WIPEONFORK) != 0 ||
	    madvise(block, BLOCK_SIZE, MADV_DONTDUMP) != 0) {
		BUG("no memory for secrets");
	}
	block->used = sizeof(*block);
	return block;
}

static void *block_take(struct block *block, size_t size)
{
	void *at = (char *)block + block->used;

	block->used += (size + 15) & ~(size_t)15;
	return at;
}

void *secrets_alloc(struct secrets *secrets, size_t size)
{
	struct block *block = secrets->blocks;

	if (BLOCK_SIZE - block->used < size + 16) {
		block = block_new();
		block->next = secrets->blocks;
		secrets->blocks = block;
	}
	return block_take(block, size);
}

/* --- all of a profile's -------------------------------------------------------- */

static void secret_read(struct secrets *secrets, struct secret *secret,
			const struct account *account)
{
	char password[SECRET_LONGEST], *copy;
	struct text why;
	int size = account_password(account, password, sizeof(password), &why);

	if (size < 0) {
		snprintf(secret->reason, sizeof(secret->reason), "%.*s",
			 (int)sizeof(secret->reason) - 1, why.s);
	} else {
		copy = secrets_alloc(secrets, (size_t)size + 1);
		memcpy(copy, password, (size_t)size + 1);
		secret->password = copy;
		secret_forms(secrets, account, password, (size_t)size);
	}
	explicit_bzero(password, sizeof(password));
}

struct secrets *secrets_new(const struct profile *profile)
{
	struct block *block = block_new();
	struct secrets *secrets = block_take(block, sizeof(*secrets));
	size_t i;

	secrets->profile = profile;
	secrets->blocks = block;
	secrets->list = calloc(profile->account_count + 1, sizeof(*secrets->list));
	if (secrets->list == NULL) {
		BUG("out of memory");
	}
	for (i = 0; i < profile->account_count; i++) {
		secret_read(secrets, &secrets->list[i], &profile->accounts[i]);
	}
	return secrets;
}

struct secrets *secrets_above(const struct secrets *base)
{
	struct block *block = block_new();
	struct secrets *secrets = block_take(block, sizeof(*secrets));

	secrets->profile = base->profile;
	secrets->blocks = block;
	secrets->base = base;
	return secrets;
}

int secrets_add(struct secrets *secrets, const char *word, size_t size)
{
	if (size < SECRET_WORD_LEAST || size > SECRET_WORD_MOST) {
		return -1;
	}
	secret_word_forms(secrets, word, size);
	return 0;
}

void secrets_free(struct secrets *secrets)
{
	struct block *block, *next;

	if (secrets == NULL) {
		return;
	}
	free(secrets->list);
	for (block = secrets->blocks; block != NULL; block = next) {
		next = block->next;
		explicit_bzero(block, BLOCK_SIZE);
		munmap(block, BLOCK_SIZE);
	}
}

void secrets_wipe_environment(const struct profile *profile)
{
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		const char *name = profile->accounts[i].password_env;
		char *value = name == NULL ? NULL : getenv(name);

		if (value != NULL) {
			explicit_bzero(value, strlen(value));
		}
	}
}

bool secrets_empty(const struct secrets *secrets)
{
	return !secrets->any && (secrets->base == NULL || secrets_empty(secrets->base));
}
