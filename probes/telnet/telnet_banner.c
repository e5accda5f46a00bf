/* telnet_banner: what a Telnet server shows to somebody who only connects and
 * presses the return key. It sends no name and no password. */
#include "probes/stream/stream.h"
#include "probes/telnet/telnet_stream.h"

#include "probes/probe.h"

enum {
	DIAL_MS = 3000,
	SPEAK_MS = 8000, /* a server may look up our name first */
	QUIET_MS = 1000, /* then it has said what it had to say */
	RETURNS_MOST = 2,
	BANNER_MOST = 2048,
};

struct banner {
	struct probe_run *run;
	const struct service *service;
	struct stream line;
	struct telnet_stream stream;
	bool ended; /* the peer hung up */
};

/* Listens until the server is quiet, asks for a login, or hangs up. */
static void listen_to(struct banner *b)
{
	size_t before = b->stream.text_size;
	int64_t most_ns = clock_ns() + SPEAK_MS * NS_PER_MS;
	uint8_t bytes[1024];
	int64_t until_ns;
	long got;

	while (clock_ns() < most_ns && !telnet_asks_login(&b->stream)) {
		until_ns = clock_ns() + QUIET_MS * NS_PER_MS;
		got = stream_read(&b->line, bytes, sizeof(bytes),
				  b->stream.text_size > before ? until_ns : most_ns);
		if (got < 0) {
			b->ended = b->line.end != STREAM_SILENT;
			return;
		}
		telnet_take(&b->stream, bytes, (size_t)got);
		if (stream_write(&b->line, b->stream.reply, b->stream.reply_size, most_ns) != 0) {
			return;
		}
		b->stream.reply_size = 0;
	}
}

/* Presses return where no login was asked for: a shell shows its prompt
 * again. */
static bool shell_answers(struct banner *b)
{
	unsigned i;

	for (i = 0; i < RETURNS_MOST && !b->ended; i++) {
		b->stream.text_size = 0;
		if (stream_write(&b->line, "\r\n", 2, clock_ns() + QUIET_MS * NS_PER_MS) != 0) {
			return false;
		}
		listen_to(b);
		if (telnet_asks_login(&b->stream)) {
			return false;
		}
		if (telnet_shows_prompt(&b->stream)) {
			return true;
		}
	}
	return false;
}

static int nothing_said(struct banner *b)
{
	const char *name = b->service->name;

	if (!b->ended) {
		return probe_give_up(b->run, WHY_NO_ANSWER,
				     "'%s' accepted and said nothing in %d s", name,
				     SPEAK_MS / 1000);
	}
	return probe_give_up(b->run, WHY_CLOSED_EARLY, "'%s' closed before it said anything", name);
}

static int look(struct banner *b)
{
	char banner[BANNER_MOST];
	bool shell = false;

	listen_to(b);
	if (b->stream.text_size == 0 && !b->stream.negotiates) {
		return nothing_said(b);
	}
	if (telnet_is_noise(&b->stream)) {
		return probe_give_up(b->run, WHY_GARBAGE, "'%s' sends bytes that are no text",
				     b->service->name);
	}
	probe_saw_bool(b->run, "answers", true);
	probe_saw_bool(b->run, "negotiates", b->stream.negotiates);
	probe_saw_text(b->run, "banner",
		       text_printable(banner, sizeof(banner), b->stream.text, b->stream.text_size));
	if (!telnet_asks_login(&b->stream)) {
		shell = shell_answers(b);
	}
	probe_saw_bool(b->run, "login_prompt", telnet_asks_login(&b->stream));
	/* Neither a login nor a shell, perhaps a menu: that is for a person to
	 * look at. */
	if (shell || telnet_asks_login(&b->stream)) {
		probe_saw_bool(b->run, "shell_without_login", shell);
	}
	return 0;
}

static int observe(struct probe_run *run)
{
	struct banner *b = probe_alloc(run, sizeof(*b));
	int ret;

	b->run = run;
	b->service = probe_service(run, "service");
	ret = stream_dial(&b->line, run, b->service, DIAL_MS);
	if (ret != 0) {
		return probe_dial_failed(run, b->service, ret);
	}
	ret = look(b);
	stream_release(&b->line);
	return ret;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "Telnet service", NULL, 0, 0},
	{0},
};

static const struct fact_def facts[] = {
	{"answers", FACT_BOOL, "", "it says something"},
	{"negotiates", FACT_BOOL, "", "it sends Telnet commands"},
	{"banner", FACT_TEXT, "", "what it shows first"},
	{"login_prompt", FACT_BOOL, "", "it asks for a name or a password"},
	{"shell_without_login", FACT_BOOL, "", "it shows a command prompt to anybody"},
	{0},
};

const struct probe probe_telnet_banner = {
	.id = "telnet.banner",
	.summary = "what a Telnet server shows before a login",
	.source = "RFC 854, RFC 855",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 40,
	.params = params,
	.facts = facts,
	.observe = observe,
};
