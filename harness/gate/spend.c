/*
 * spend: failed logins by user name, writes in all. The ledger is text, one line
 * a unit:
 *
 *   failed-login USER         no name: everybody for whom there was no place
 *   good-login USER           the device let the user in, and forgot what failed before
 *   write
 *
 * The gate cannot see whether a login was good: a child says so. What it can gain
 * by a lie is bounded by what the profile declares: only accounts that may be locked
 * out are counted anew, and never beyond the budget of failed logins in all.
 */
#define _GNU_SOURCE
#include "harness/gate/spend.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

#define LOGIN     "failed-login "
#define GOOD      "good-login "
#define WRITE     "write"
#define UNWRITTEN "what is spent cannot be written down: %s"

/* Accounts with the same user name are one: the device counts for the name. */
static struct spend_name *name_find(const struct spend *spend, const char *user)
{
	size_t i;

	for (i = 0; i < spend->count; i++) {
		if (strcmp(spend->names[i].user, user) == 0) {
			return &spend->names[i];
		}
	}
	return NULL;
}

static struct spend_name *name_last(const struct spend *spend)
{
	return &spend->names[spend->known + SPEND_OTHERS];
}

static bool name_plain(const char *user)
{
	size_t size = strlen(user), i;

	for (i = 0; i < size && (unsigned char)user[i] >= ' '; i++) {
	}
	return size > 0 && size < sizeof(((struct spend_name *)0)->user) && i == size;
}

/* Where this name is counted: a name the profile does not know has a count of its own as long as
 * there is a place for it, so that inventing names does not buy attempts without end. */
static struct spend_name *name_place(struct spend *spend, const char *user)
{
	struct spend_name *name = name_find(spend, user);

	if (name != NULL) {
		return name;
	}
	if (!name_plain(user) || spend->count == spend->known + SPEND_OTHERS) {
		return name_last(spend);
	}
	name = &spend->names[spend->count++];
	snprintf(name->user, sizeof(name->user), "%s", user);
	return name;
}

static void forget(struct spend *spend, const char *user)
{
	struct spend_name *name = name_find(spend, user);

	if (name != NULL && profile_login_resets(spend->profile, user)) {
		name->in_a_row = 0;
	}
}

static void count_failed(struct spend_name *name)
{
	name->failed++;
	name->in_a_row++;
}

/* Anything else is what a crash of the machine left of a line. */
static void take_line(struct spend *spend, const char *line)
{
	if (strcmp(line, WRITE) == 0) {
		spend->writes++;
	} else if (strncmp(line, LOGIN, sizeof(LOGIN) - 1) == 0) {
		count_failed(name_place(spend, line + sizeof(LOGIN) - 1));
	} else if (strncmp(line, GOOD, sizeof(GOOD) - 1) == 0) {
		forget(spend, line + sizeof(GOOD) - 1);
	}
}

/* A line that was not finished was not granted either: it is closed, so that
 * the next one stands alone. */
static void take_ledger(struct spend *spend)
{
	char line[512], byte;
	size_t size = 0;
	off_t at = 0;

	while (pread(spend->ledger, &byte, 1, at++) == 1) {
		if (byte == '\n') {
			line[size] = '\0';
			take_line(spend, line);
			size = 0;
		} else if (size < sizeof(line) - 1) {
			line[size++] = byte;
		}
	}
	if (size > 0) {
		(void)!write(spend->ledger, "\n", 1);
	}
}

void spend_init(struct spend *spend, const struct profile *profile)
{
	size_t i;

	memset(spend, 0, sizeof(*spend));
	spend->profile = profile;
	spend->ledger = spend->copy = -1;
	spend->names = calloc(profile->account_count + SPEND_OTHERS + 1, sizeof(*spend->names));
	if (spend->names == NULL) {
		BUG("out of memory");
	}
	for (i = 0; i < profile->account_count; i++) {
		name_place(spend, profile->accounts[i].user);
	}
	spend->known = spend->count;
}

/* Half a line at its end, which a crash of the machine left, must not take the next one in. */
static void close_line(int file)
{
	off_t size = file < 0 ? 0 : lseek(file, 0, SEEK_END);
	char last = '\n';

	if (size > 0 && pread(file, &last, 1, size - 1) == 1 && last != '\n') {
		(void)!write(file, "\n", 1);
	}
}

int spend_ledger(struct spend *spend, int ledger, int copy)
{
	if (spend->ledger >= 0) {
		return -1;
	}
	spend->ledger = ledger;
	spend->copy = copy;
	take_ledger(spend);
	close_line(copy);
	return 0;
}

void spend_release(struct spend *spend)
{
	free(spend->names);
	spend->names = NULL;
	if (spend->ledger >= 0) {
		close(spend->ledger);
	}
	if (spend->copy >= 0) {
		close(spend->copy);
	}
}

/* Writes the line and waits for the disk. Returns true if it is there. */
static bool note_down(const struct spend *spend, uint32_t what, const char *user)
{
	char line[512];
	int size;

	if (spend->ledger < 0) {
		return true;
	}
	if (what == SPEND_WRITE) {
		size = snprintf(line, sizeof(line), WRITE "\n");
	} else {
		size = snprintf(line, sizeof(line), "%s%s\n",
				what == SPEND_GOOD_LOGIN ? GOOD : LOGIN, user);
	}
	if (size <= 0 || (size_t)size >= sizeof(line) ||
	    write(spend->ledger, line, (size_t)size) != size || fdatasync(spend->ledger) != 0) {
		return false;
	}
	return spend->copy < 0 || write(spend->copy, line, (size_t)size) == size;
}

/* Whether one more would lock the account, whatever the budget says. */
static bool would_lock(const struct spend *spend, const struct spend_name *name)
{
	int64_t locks = spend->profile->limits.lockout_attempts;

	return locks > 0 && name->in_a_row >= locks - 1;
}

static int refuse_login(const struct spend *spend, const struct spend_name *name,
			struct tally *tally, const char *user)
{
	if (name->failed < spend->profile->budget.failed_logins) {
		tally_refuse(tally,
			     "%lld failed logins as '%s' are one below 'limits.lockout_attempts'",
			     (long long)name->in_a_row, user);
	} else {
		tally_refuse(tally, "the budget of %lld failed logins is spent for user '%s'",
			     (long long)name->failed, user);
	}
	return -EDQUOT;
}

static int spend_login(struct spend *spend, const char *user, struct tally *tally)
{
	struct spend_name *name = name_place(spend, user);

	if (name->failed >= spend->profile->budget.failed_logins || would_lock(spend, name)) {
		return refuse_login(spend, name, tally, user);
	}
	if (!note_down(spend, SPEND_FAILED_LOGIN, name->user)) {
		tally_refuse(tally, UNWRITTEN, strerror(errno));
		return -EDQUOT;
	}
	count_failed(name);
	tally_spent(tally, SPEND_FAILED_LOGIN);
	return 0;
}

/* Written down only where something is forgotten: a child cannot fill the disk by it. */
static int take_good_login(struct spend *spend, const char *user, struct tally *tally)
{
	const struct spend_name *name = name_find(spend, user);

	if (name == NULL || !profile_login_resets(spend->profile, user)) {
		tally_refuse(tally, "a good login as '%s' does not begin its count anew", user);
		return -EDQUOT;
	}
	if (name->in_a_row > 0 && !note_down(spend, SPEND_GOOD_LOGIN, name->user)) {
		tally_refuse(tally, UNWRITTEN, strerror(errno));
		return -EDQUOT;
	}
	forget(spend, user);
	return 0;
}

static int spend_write(struct spend *spend, struct tally *tally)
{
	int64_t limit = spend->profile->budget.writes;

	if (spend->writes >= limit) {
		tally_refuse(tally, "the budget of %lld writes is spent", (long long)limit);
		return -EDQUOT;
	}
	if (!note_down(spend, SPEND_WRITE, NULL)) {
		tally_refuse(tally, UNWRITTEN, strerror(errno));
		return -EDQUOT;
	}
	spend->writes++;
	tally_spent(tally, SPEND_WRITE);
	return 0;
}

int spend_one(struct spend *spend, uint32_t what, const char *user, struct tally *tally)
{
	switch (what) {
	case SPEND_FAILED_LOGIN:
		return spend_login(spend, user, tally);
	case SPEND_GOOD_LOGIN:
		return take_good_login(spend, user, tally);
	case SPEND_WRITE:
		return spend_write(spend, tally);
	default:
		tally_refuse(tally, "there is no budget number %u", what);
		return -EINVAL;
	}
}
