/*
 * modbus_write: whether anybody on the network may write the scratch register
 * that the profile declares, with each function that writes registers. It writes
 * no other, and puts the old value back.
 */
#include "probes/modbus/modbus_session.h"

#include "harness/banned.h"

/* Devices protect them apart. */
static const enum modbus_function functions[] = {MODBUS_WRITE_SINGLE, MODBUS_WRITE_MULTIPLE,
						 MODBUS_MASK_WRITE, MODBUS_READ_WRITE};

enum {
	ILLEGAL_FUNCTION = 1,
	ILLEGAL_DATA_ADDRESS = 2,
	/* A device may carry a write out after it has answered. */
	LATER_MS = 1500,
};

struct trial {
	struct probe_run *run;
	struct modbus_session session;
	uint16_t at, old;
	uint16_t tried[ARRAY_SIZE(functions)]; /* values */
	size_t count;
};

/* Returns 1 if the register holds a value that was tried, 0 if not, or -1 with
 * the run given up. */
static int look(struct trial *trial)
{
	uint16_t now = trial->old;
	int error = modbus_session_read(&trial->session, trial->at, 1, &now);
	size_t i;

	for (i = 0; error == 0 && i < trial->count; i++) {
		if (now == trial->tried[i]) {
			return 1;
		}
	}
	return error < 0 ? -1 : 0;
}

/* Puts the old value back with the function that changed it, and looks. */
static int restore(struct trial *trial, enum modbus_function function)
{
	uint16_t now = (uint16_t)~trial->old;
	int error = modbus_session_write(&trial->session, function, trial->at, trial->old);

	if (error == 0) {
		error = modbus_session_read(&trial->session, trial->at, 1, &now);
	}
	probe_saw_bool(trial->run, "restored", error == 0 && now == trial->old);
	return error < 0 ? -1 : 0;
}

static int accepted(struct trial *trial, enum modbus_function function)
{
	probe_saw_bool(trial->run, "write_accepted", true);
	probe_saw_bool(trial->run, "read_back", true);
	probe_saw_int(trial->run, "function", function);
	return restore(trial, function);
}

/* Nobody knows whether the write was carried out: looks on a new connection and
 * puts the old value back if so. Returns -1. */
static int rescue(struct trial *trial, enum modbus_function function)
{
	struct modbus_session broken = trial->session;

	if (modbus_session_open(&trial->session, trial->run, broken.service) == 0 &&
	    look(trial) == 1) {
		(void)accepted(trial, function);
	}
	return -1;
}

/* Returns the exception that refused the write, 0 when it was taken, or -1 with
 * the run given up. */
static int try_function(struct trial *trial, enum modbus_function function)
{
	uint16_t value = (uint16_t)(trial->old ^ (0x00A5 + (trial->count << 8)));
	int refused, done;

	trial->tried[trial->count++] = value;
	refused = modbus_session_write(&trial->session, function, trial->at, value);
	if (refused < 0) {
		return rescue(trial, function);
	}
	probe_note(trial->run, "function %d: exception %d", (int)function, refused);
	done = look(trial);
	if (done < 0) {
		return rescue(trial, function);
	}
	if (done > 0) {
		return accepted(trial, function);
	}
	if (refused == 0) {
		return probe_give_up(trial->run, WHY_CONTROL_FAILED,
				     "function %d was acknowledged, but the register kept its "
				     "value",
				     (int)function);
	}
	return refused;
}

/* "Busy", "failed", "not this value" or "no path" may be another answer the
 * next time, or with another value: no refusal to write. */
static bool is_refusal(int exception)
{
	return exception == ILLEGAL_FUNCTION || exception == ILLEGAL_DATA_ADDRESS;
}

/* All functions were answered with exceptions: still, a write may come later. */
static int look_later(struct trial *trial)
{
	int done;

	clock_sleep_until(clock_ns() + LATER_MS * NS_PER_MS);
	done = look(trial);
	if (done < 0) {
		return -1;
	}
	if (done > 0) {
		return accepted(trial, functions[0]);
	}
	probe_saw_bool(trial->run, "write_accepted", false);
	probe_saw_bool(trial->run, "read_back", false);
	return 0;
}

static int try_functions(struct trial *trial)
{
	int refused[ARRAY_SIZE(functions)];
	size_t i;

	/* one write is kept back: what is changed can be put back */
	if (probe_spend(trial->run, SPEND_WRITE, NULL) != 0) {
		return probe_give_up(trial->run, WHY_BUDGET_SPENT, "the budget allows no write");
	}
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		if (probe_spend(trial->run, SPEND_WRITE, NULL) != 0) {
			return probe_give_up(trial->run, WHY_BUDGET_SPENT,
					     "the budget of writes ends after %zu of the %zu "
					     "functions that write registers; %zu writes are "
					     "needed to try them all",
					     i, ARRAY_SIZE(functions), ARRAY_SIZE(functions) + 1);
		}
		refused[i] = try_function(trial, functions[i]);
		if (refused[i] <= 0) {
			return refused[i];
		}
		probe_saw_int(trial->run, "exception", refused[i]);
	}
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		if (!is_refusal(refused[i])) {
			return probe_give_up(trial->run, WHY_CONTROL_FAILED,
					     "function %d ended with exception %d, which does not "
					     "say that writing is not allowed",
					     (int)functions[i], refused[i]);
		}
	}
	return look_later(trial);
}

/* Reads twice: the second one shows whether the device closes after each. */
static int try_write(struct trial *trial)
{
	int error = modbus_session_read(&trial->session, trial->at, 1, &trial->old);

	if (error == 0) {
		error = modbus_session_read(&trial->session, trial->at, 1, &trial->old);
	}
	if (error > 0) {
		return probe_give_up(trial->run, WHY_CONTROL_FAILED,
				     "the scratch register cannot be read: "
				     "exception %d",
				     error);
	}
	return error < 0 ? -1 : try_functions(trial);
}

static int observe(struct probe_run *run)
{
	const struct service *service = probe_service(run, "service");
	struct trial trial = {.run = run, .at = (uint16_t)service->scratch_register};
	int ret;

	if (service->scratch_register < 0) {
		return probe_give_up(run, WHY_NOT_DECLARED,
				     "service '%s' declares no scratch_register", service->name);
	}
	ret = modbus_session_open(&trial.session, run, service);
	if (ret == 0) {
		ret = try_write(&trial);
	}
	modbus_session_close(&trial.session);
	return ret;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "Modbus/TCP service", NULL, 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"write_accepted", FACT_BOOL, "", "a write without a login succeeded"},
	{"read_back", FACT_BOOL, "", "the written value was there afterwards"},
	{"restored", FACT_BOOL, "", "the old value is back"},
	{"exception", FACT_INT, "", "exception code of the last refused write"},
	{"function", FACT_INT, "", "function code of the write that was accepted"},
	{0},
};

const struct probe probe_modbus_write = {
	.id = "modbus.write",
	.summary = "writes the scratch register without a login",
	.source = "MODBUS Application Protocol V1.1b3",
	.impact = IMPACT_TOUCH,
	.needs = NEEDS_SCRATCH,
	.timeout_s = 120,
	.params = params,
	.facts = facts,
	.observe = observe,
};
