/* modbus_read: holding registers that anybody on the network may read. */
#include "probes/modbus/modbus_session.h"

#include "harness/banned.h"

enum { COUNT_MOST = 125 };

static int read_values(struct modbus_session *session)
{
	struct probe_run *run = session->run;
	uint16_t values[COUNT_MOST];
	uint16_t first = (uint16_t)probe_int(run, "register");
	uint16_t count = (uint16_t)probe_int(run, "count");
	int error = modbus_session_read(session, first, count, values);

	if (error < 0) {
		return -1;
	}
	probe_saw_bool(run, "answers", true);
	probe_saw_int(run, "exception", error);
	probe_saw_int(run, "values_read", error == 0 ? count : 0);
	/* What was asked came back as it stands in the frame, without any
	 * handshake before: nothing was encrypted. */
	probe_saw_bool(run, "clear_text", true);
	return 0;
}

static int observe(struct probe_run *run)
{
	const struct service *service = probe_service(run, "service");
	struct modbus_session session;
	char identity[256];
	int ret;

	ret = modbus_session_open(&session, run, service);
	if (ret == 0) {
		ret = read_values(&session);
	}
	/* Last: a device that does not know the function may hang up. */
	if (ret == 0 && modbus_session_identify(&session, identity, sizeof(identity)) == 0) {
		probe_saw_text(run, "identified", identity);
	}
	modbus_session_close(&session);
	return ret;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "Modbus/TCP service", NULL, 0, 0},
	{"register", PARAM_INT, "first holding register", "0", 0, 65535},
	{"count", PARAM_INT, "how many", "1", 1, COUNT_MOST},
	{0},
};

static const struct fact_def facts[] = {
	{"answers", FACT_BOOL, "", "it answered a Modbus request"},
	{"values_read", FACT_INT, "", "registers read without a login"},
	{"exception", FACT_INT, "", "exception code; 0: none"},
	{"identified", FACT_TEXT, "", "vendor, product, revision it gave"},
	{"clear_text", FACT_BOOL, "", "the exchange was not encrypted"},
	{0},
};

const struct probe probe_modbus_read = {
	.id = "modbus.read",
	.summary = "reads holding registers without a login",
	.source = "MODBUS Application Protocol V1.1b3",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 15,
	.params = params,
	.facts = facts,
	.observe = observe,
};
