/* filter: rows to libseccomp. */
#define _GNU_SOURCE
#include "harness/base/filter.h"

#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

static int allow(scmp_filter_ctx filter, const struct filter_row *row)
{
	struct scmp_arg_cmp compare = {.arg = row->argument,
				       .op = SCMP_CMP_MASKED_EQ,
				       .datum_a = row->mask,
				       .datum_b = row->value};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, row->call, row->mask == 0 ? 0 : 1,
				      &compare);
}

static int fill(scmp_filter_ctx filter, const struct filter_row *rows, size_t count)
{
	/* abort(3) signals its own thread; nobody else may be signalled */
	const struct filter_row own = {SCMP_SYS(tgkill), 0, UINT32_MAX, (uint64_t)getpid()};
	size_t i;
	int error = allow(filter, &own);

	for (i = 0; i < count && error == 0; i++) {
		error = allow(filter, &rows[i]);
	}
	if (error == 0) { /* the C library goes back to clone(2) */
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	}
	if (error == 0) { /* threads that are there already get it too */
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	}
	return error;
}

int filter_enter(const struct filter_row *rows, size_t count, struct text *why)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = filter == NULL ? -ENOMEM : fill(filter, rows, count);

	if (error == 0) {
		error = seccomp_load(filter);
	}
	seccomp_release(filter);
	if (error != 0) {
		return text_error(why, "cannot load the system call filter: %s", strerror(-error));
	}
	return 0;
}
