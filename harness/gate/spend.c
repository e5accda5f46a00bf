/*
 * spend: failed logins by account, writes in all. The ledger is text, one line
 * a unit:
 *
 *   failed-login USER         a name the profile does not know is left out
 *   write
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

#define LOGIN "failed-login "
#define WRITE "write"

/* Accounts with the same user name are one: the device counts for the name.
 * Names the profile does not know share one count: an invented name does not
 * buy another attempt. */
static size_t account_index(const struct profile *profile, const char *user)
{
	size_t i;

	for (i = 0; i < profile->account_count; i++) {
		if (strcmp(profile->accounts[i].user, user) == 0) {
			break;
		}
	}
	return i;
}

static const char *account_name(const struct profile *profile, size_t index)
{
	return index < profile->account_count ? profile->accounts[index].user : "";
}

/* Anything else is what a crash of the machine left of a line. */
static void take_line(struct spend *spend, const char *line)
{
	if (strcmp(line, WRITE) == 0) {
		spend->writes++;
	} else if (strncmp(line, LOGIN, sizeof(LOGIN) - 1) == 0) {
		spend->failed_logins[account_index(spend->profile, line + sizeof(LOGIN) - 1)]++;
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
	memset(spend, 0, sizeof(*spend));
	spend->profile = profile;
	spend->ledger = spend->copy = -1;
	spend->failed_logins = calloc(profile->account_count + 1, sizeof(*spend->failed_logins));
	if (spend->failed_logins == NULL) {
		BUG("out of memory");
	}
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
	free(spend->failed_logins);
	spend->failed_logins = NULL;
	if (spend->ledger >= 0) {
		close(spend->ledger);
	}
	if (spend->copy >= 0) {
		close(spend->copy);
	}
}

/* Writes the line and waits for the disk. Returns true if it is there. */
static bool note_down(const struct spend *spend, uint32_t what, size_t account)
{
	char line[512];
	int size;

	if (spend->ledger < 0) {
		return true;
	}
	if (what == SPEND_WRITE) {
		size = snprintf(line, sizeof(line), WRITE "\n");
	} else {
		size = snprintf(line, sizeof(line), LOGIN "%s\n",
				account_name(spend->profile, account));
	}
	if (size <= 0 || (size_t)size >= sizeof(line) ||
	    write(spend->ledger, line, (size_t)size) != size || fdatasync(spend->ledger) != 0) {
		return false;
	}
	return spend->copy < 0 || write(spend->copy, line, (size_t)size) == size;
}

static void refuse(struct tally *tally, uint32_t what, int64_t limit, const char *account)
{
	if (what == SPEND_WRITE) {
		tally_refuse(tally, "the budget of %lld writes is spent", (long long)limit);
	} else {
		tally_refuse(tally, "the budget of %lld failed logins is spent for account '%s'",
			     (long long)limit, account);
	}
}

int spend_one(struct spend *spend, uint32_t what, const char *account, struct tally *tally)
{
	const struct budget *budget = &spend->profile->budget;
	size_t index = account_index(spend->profile, account);
	int64_t *spent, limit;

	switch (what) {
	case SPEND_FAILED_LOGIN:
		spent = &spend->failed_logins[index];
		limit = budget->failed_logins;
		break;
	case SPEND_WRITE:
		spent = &spend->writes;
		limit = budget->writes;
		break;
	default:
		tally_refuse(tally, "there is no budget number %u", what);
		return -EINVAL;
	}
	if (*spent >= limit) {
		refuse(tally, what, limit, account);
		return -EDQUOT;
	}
	if (!note_down(spend, what, index)) {
		tally_refuse(tally, "what is spent cannot be written down: %s", strerror(errno));
		return -EDQUOT;
	}
	(*spent)++;
	tally_spent(tally, (enum spending)what);
	return 0;
}
