/* modbus_write: whether anybody on the network may write the scratch register
 * that the profile declares. It writes no other, and puts the old value back. */
#include "probes/modbus/modbus_session.h"

#include "harness/banned.h"

struct attempt {
	struct modbus_session *session;
	int (*write)(struct modbus_session *session, int at, uint16_t value);
	int at;
	uint16_t old, other;
};

/* Puts the old value back and looks. Returns 0, or -1 with the run given up. */
static int restore(const struct attempt *attempt)
{
	uint16_t now = attempt->other;
	int error = attempt->write(attempt->session, attempt->at, attempt->old);

	if (error == 0) {
		error = modbus_session_read(attempt->session, attempt->at, 1, &now);
	}
	probe_saw_bool(attempt->session->run, "restored", error == 0 && now == attempt->old);
	return error < 0 ? -1 : 0;
}

/* The connection broke after the write was sent: nobody knows whether it was
 * carried out. Puts the old value back on a new one. Returns -1. */
static int rescue(const struct attempt *attempt)
{
	struct modbus_session again = {0};
	struct attempt second = *attempt;

	probe_saw_bool(attempt->session->run, "restored", false);
	second.session = &again;
	if (modbus_session_open(&again, attempt->session->run, attempt->session->service) == 0) {
		restore(&second);
		modbus_session_close(&again);
	}
	return -1;
}

/* Returns the exception that refused the write, 0 when it was taken or done
 * all the same, or -1 with the run given up. */
static int write_other(const struct attempt *attempt)
{
	struct probe_run *run = attempt->session->run;
	uint16_t now = attempt->old;
	int refused = attempt->write(attempt->session, attempt->at, attempt->other);
	int error;
	bool done;

	if (refused < 0) {
		return rescue(attempt);
	}
	error = modbus_session_read(attempt->session, attempt->at, 1, &now);
	if (error < 0) {
		return rescue(attempt);
	}
	done = error == 0 && now == attempt->other;
	probe_saw_int(run, "exception", refused);
	probe_saw_bool(run, "read_back", done);
	if (refused > 0 && !done) {
		return refused;
	}
	probe_saw_bool(run, "write_accepted", true);
	if (error == 0 && now == attempt->old) {
		probe_saw_bool(run, "restored", true);
		return 0;
	}
	return restore(attempt);
}

/* "Busy", "failed", "not this value" or "no path" may be another answer the
 * next time, or with another value: no refusal to write. */
static bool is_refusal(int exception)
{
	return exception == MODBUS_EXCEPTION_ILLEGAL_FUNCTION ||
	       exception == MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS;
}

/* Function 6, then 16 where that was refused. */
static int write_both_ways(struct attempt *attempt)
{
	struct probe_run *run = attempt->session->run;
	int single, list;

	attempt->write = modbus_session_write;
	single = write_other(attempt);
	if (single <= 0) {
		return single;
	}
	if (probe_spend(run, SPEND_WRITE, NULL) != 0) {
		return probe_give_up(run, WHY_BUDGET_SPENT,
				     "function 6 is refused, but the budget "
				     "does not allow the writes to try "
				     "function 16");
	}
	attempt->write = modbus_session_write_list;
	list = write_other(attempt);
	if (list <= 0) {
		return list;
	}
	if (!is_refusal(single) || !is_refusal(list)) {
		return probe_give_up(run, WHY_CONTROL_FAILED,
				     "the writes ended with the exceptions %d "
				     "(function 6) and %d (function 16), which "
				     "do not say that writing is not allowed",
				     single, list);
	}
	probe_saw_bool(run, "write_accepted", false);
	probe_saw_bool(run, "restored", true);
	return 0;
}

static int try_write(struct modbus_session *session)
{
	struct attempt attempt = {
		.session = session,
		.at = (int)session->service->scratch_register,
	};
	int error = modbus_session_read(session, attempt.at, 1, &attempt.old);

	if (error > 0) {
		return probe_give_up(session->run, WHY_CONTROL_FAILED,
				     "the scratch register cannot be read: "
				     "exception %d",
				     error);
	}
	if (error < 0) {
		return -1;
	}
	/* Both writes are paid for at once: what is changed can be put back. */
	if (probe_spend(session->run, SPEND_WRITE, NULL) != 0 ||
	    probe_spend(session->run, SPEND_WRITE, NULL) != 0) {
		return probe_give_up(session->run, WHY_BUDGET_SPENT,
				     "the budget does not allow the two writes "
				     "that this needs");
	}
	attempt.other = attempt.old ^ 0x00a5;
	return write_both_ways(&attempt);
}

static int observe(struct probe_run *run)
{
	const struct service *service = probe_service(run, "service");
	struct modbus_session session = {0};
	int ret;

	if (service->scratch_register < 0) {
		return probe_give_up(run, WHY_NOT_DECLARED,
				     "service '%s' declares no scratch_register", service->name);
	}
	if (modbus_session_open(&session, run, service) != 0) {
		return -1;
	}
	ret = try_write(&session);
	modbus_session_close(&session);
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
	{"exception", FACT_INT, "", "exception code of the write; 0: none"},
	{0},
};

const struct probe probe_modbus_write = {
	.id = "modbus.write",
	.summary = "writes the scratch register without a login",
	.source = "MODBUS Application Protocol V1.1b3",
	.impact = IMPACT_TOUCH,
	.needs = NEEDS_SCRATCH,
	.timeout_s = 15,
	.params = params,
	.facts = facts,
	.observe = observe,
};
