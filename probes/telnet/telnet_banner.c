/* telnet_banner: what a Telnet server shows to somebody who only connects and
 * presses the return key; where that shows a mere word, also to "?" and "help". It sends no name and no
 * password. */
#include "probes/telnet/telnet_talk.h"

#include "harness/banned.h"

enum { DIAL_MS = 3000, BANNER_MOST = 2048 };

struct banner {
	struct probe_run *run;
	const struct service *service;
	struct telnet_talk talk;
};

static int nothing_said(struct banner *b)
{
	const char *name = b->service->name;

	if (!b->talk.ended) {
		return probe_give_up(b->run, WHY_NO_ANSWER,
				     "'%s' accepted and said nothing in %d s", name,
				     TELNET_SPEAK_MS / 1000);
	}
	return probe_give_up(b->run, WHY_CLOSED_EARLY, "'%s' closed before it said anything", name);
}

/* Neither a login nor a shell that is known, perhaps a menu, perhaps words of
 * another language: that is for a person to look at. */
static int not_understood(struct banner *b)
{
	char line[256];

	return probe_give_up(b->run, WHY_NOT_OBSERVED,
			     "'%s' shows neither a login nor a command prompt that is known: '%s'",
			     b->service->name, telnet_last_line(&b->talk.said, line, sizeof(line)));
}

static int look(struct banner *b)
{
	const struct telnet_stream *said = &b->talk.said;
	char banner[BANNER_MOST];
	bool shell = false, asks;

	telnet_listen(&b->talk);
	if (said->text_size == 0 && !said->negotiates) {
		return nothing_said(b);
	}
	if (telnet_is_noise(said)) {
		return probe_give_up(b->run, WHY_GARBAGE, "'%s' sends bytes that are no text",
				     b->service->name);
	}
	probe_saw_bool(b->run, "answers", true);
	probe_saw_bool(b->run, "negotiates", said->negotiates);
	probe_saw_text(b->run, "banner",
		       text_printable(banner, sizeof(banner), said->text, said->text_size));
	if (!telnet_asks_login(said)) {
		shell = telnet_answers_commands(&b->talk);
	}
	asks = telnet_asks_login(said);
	if (!shell && !asks) {
		return not_understood(b);
	}
	probe_saw_bool(b->run, "login_prompt", asks);
	probe_saw_bool(b->run, "shell_without_login", shell);
	return 0;
}

static int observe(struct probe_run *run)
{
	struct banner *b = probe_alloc(run, sizeof(*b));
	int ret;

	b->run = run;
	b->service = probe_service(run, "service");
	ret = probe_dial(run, b->service, DIAL_MS);
	if (ret < 0) {
		return probe_dial_failed(run, b->service, ret);
	}
	telnet_begin(&b->talk, run, ret);
	ret = look(b);
	telnet_end(&b->talk);
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
	{"shell_without_login", FACT_BOOL, "",
	 "it shows a command prompt, or asks for settings, to anybody"},
	{0},
};

const struct probe probe_telnet_banner = {
	.id = "telnet.banner",
	.summary = "what a Telnet server shows before a login",
	.source = "RFC 854, RFC 855",
	.impact = IMPACT_OBSERVE,
	.timeout_s = 60,
	.params = params,
	.facts = facts,
	.observe = observe,
};
