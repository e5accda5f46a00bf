/* modbus_session: requests and their answers. Contract in modbus_session.h. */
#include "probes/modbus/modbus_session.h"

#include "harness/banned.h"

enum {
	DIAL_MS = 3000,
	/* A gateway to a serial line may need seconds for its first answer; later
	 * ones are waited for by the slowest that came. */
	WAIT_MS = 5000,
	WAIT_LEAST_MS = 1000,
	WAIT_TIMES = 5,
};

enum ending { ENDED_ANSWERED, ENDED_SILENT, ENDED_STRAYS, ENDED_GARBAGE, ENDED_CLOSED };

static int64_t wait_ns(const struct modbus_session *session)
{
	int64_t wait = session->slowest_ns * WAIT_TIMES;

	if (session->slowest_ns == 0 || wait > WAIT_MS * NS_PER_MS) {
		return WAIT_MS * NS_PER_MS;
	}
	return wait < WAIT_LEAST_MS * NS_PER_MS ? WAIT_LEAST_MS * NS_PER_MS : wait;
}

static void hang_up(struct modbus_session *session)
{
	if (session->open) {
		stream_release(&session->stream);
		session->open = false;
	}
}

static int connect_again(struct modbus_session *session)
{
	int error;

	hang_up(session);
	error = stream_dial(&session->stream, session->run, session->service, DIAL_MS);
	if (error != 0) {
		return probe_dial_failed(session->run, session->service, error);
	}
	session->open = true;
	return 0;
}

int modbus_session_open(struct modbus_session *session, struct probe_run *run,
			const struct service *service)
{
	*session = (struct modbus_session){.run = run, .service = service};
	return connect_again(session);
}

void modbus_session_close(struct modbus_session *session)
{
	hang_up(session);
}

/* Finds the answer in what came. Whatever stands before it is passed over:
 * repeated and late answers, and bytes behind a message. */
static bool find(struct modbus_session *session, uint8_t function, struct modbus_answer *ret)
{
	struct stream *stream = &session->stream;
	size_t at;

	for (at = 0; at + MODBUS_ADU_LEAST <= stream->have; at++) {
		if (modbus_answer_read(stream->held + at, stream->have - at, ret) > 0 &&
		    ret->transaction == session->transaction && ret->function == function) {
			return true;
		}
	}
	return false;
}

/* No answer came, but something else may have. */
static enum ending ending_without(const struct stream *stream)
{
	struct modbus_answer answer;

	if (stream->have > 0) {
		return modbus_answer_read(stream->held, stream->have, &answer) > 0 ? ENDED_STRAYS
										   : ENDED_GARBAGE;
	}
	return stream->end == STREAM_SILENT ? ENDED_SILENT : ENDED_CLOSED;
}

/* Waits for the answer, which stays valid until the next request. */
static enum ending await(struct modbus_session *session, uint8_t function,
			 struct modbus_answer *ret)
{
	struct stream *stream = &session->stream;
	int64_t start = clock_ns(), deadline = start + wait_ns(session);

	while (!find(session, function, ret)) {
		if (stream_more(stream, deadline) < 0) {
			return ending_without(stream);
		}
	}
	if (clock_ns() - start > session->slowest_ns) {
		session->slowest_ns = clock_ns() - start;
	}
	return ENDED_ANSWERED;
}

/* What came since the last answer belongs to no request to come. Returns false
 * where the device has closed. */
static bool drain(struct modbus_session *session)
{
	struct stream *stream = &session->stream;

	stream_take(stream, stream->have);
	while (stream_more(stream, clock_ns()) > 0) {
		stream_take(stream, stream->have);
	}
	return stream->end == STREAM_SILENT;
}

/* One request and what became of it. Returns 0 with *ret_ending, or -1 with the
 * run given up. A request that was not answered is sent again, on a new
 * connection, only where that does no harm. */
static int request(struct modbus_session *session, const struct modbus_pdu *pdu, bool harmless,
		   enum ending *ret_ending, struct modbus_answer *ret)
{
	struct modbus_request adu;
	int tries = harmless ? 2 : 1;

	do {
		if (!session->open || session->closes_each || !drain(session)) {
			session->closes_each |= session->open;
			if (connect_again(session) != 0) {
				return -1;
			}
		}
		adu = modbus_request_of(++session->transaction, (uint8_t)session->service->unit,
					pdu);
		if (stream_write(&session->stream, adu.bytes, adu.size,
				 clock_ns() + wait_ns(session)) != 0) {
			*ret_ending = ENDED_CLOSED;
		} else {
			*ret_ending = await(session, pdu->bytes[0], ret);
		}
		if (*ret_ending != ENDED_ANSWERED) {
			hang_up(session);
		}
		session->closes_each |= *ret_ending == ENDED_CLOSED;
	} while (*ret_ending == ENDED_CLOSED && --tries > 0);
	return 0;
}

static int failed(struct modbus_session *session, enum ending ending)
{
	const char *name = session->service->name;

	switch (ending) {
	case ENDED_SILENT:
		return probe_give_up(session->run, WHY_NO_ANSWER,
				     "'%s' did not answer a Modbus request within %lld ms", name,
				     (long long)(wait_ns(session) / NS_PER_MS));
	case ENDED_STRAYS:
		return probe_give_up(session->run, WHY_GARBAGE,
				     "'%s' answered other Modbus requests than those it was sent",
				     name);
	case ENDED_GARBAGE:
		return probe_give_up(session->run, WHY_GARBAGE, "'%s' answered no Modbus", name);
	default:
		return probe_give_up(session->run, WHY_CLOSED_EARLY,
				     "'%s' closed during a Modbus request", name);
	}
}

int modbus_session_read(struct modbus_session *session, uint16_t first, uint16_t count,
			uint16_t *ret)
{
	const struct modbus_pdu pdu = modbus_read_pdu(first, count);
	struct modbus_answer answer;
	enum ending ending;

	if (request(session, &pdu, true, &ending, &answer) != 0) {
		return -1;
	}
	if (ending != ENDED_ANSWERED) {
		return failed(session, ending);
	}
	if (answer.exception != 0) {
		return answer.exception;
	}
	return modbus_registers_read(&answer, count, ret) == 0 ? 0 : failed(session, ENDED_GARBAGE);
}

int modbus_session_write(struct modbus_session *session, enum modbus_function function, uint16_t at,
			 uint16_t value)
{
	const struct modbus_pdu pdu = modbus_write_pdu(function, at, value);
	struct modbus_answer answer;
	enum ending ending;

	if (request(session, &pdu, false, &ending, &answer) != 0) {
		return -1;
	}
	return ending == ENDED_ANSWERED ? answer.exception : failed(session, ending);
}

int modbus_session_identify(struct modbus_session *session, char *out, size_t capacity)
{
	const struct modbus_pdu pdu = modbus_identify_pdu();
	struct modbus_answer answer;
	enum ending ending;

	/* asked once: a device that does not know the function may hang up */
	if (!session->open || session->closes_each || !drain(session)) {
		return -1;
	}
	if (request(session, &pdu, false, &ending, &answer) != 0 || ending != ENDED_ANSWERED) {
		return -1;
	}
	return modbus_identity_read(&answer, out, capacity);
}
