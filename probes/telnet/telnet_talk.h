/*
 * telnet_talk: a connection to a Telnet server as a person has it: listens until
 * the server has said what it had to say, and types lines. What the text means
 * is for telnet_stream.h and the probe.
 */
#ifndef ASSAY_PROBES_TELNET_TALK_H
#define ASSAY_PROBES_TELNET_TALK_H

#include "probes/stream/stream.h"
#include "probes/telnet/telnet_stream.h"

struct telnet_talk {
	struct stream line;
	struct telnet_stream said; /* since the last telnet_type(), without echo of it where that
				    * stands in front */
	bool ended;                /* the peer hung up */
	char typed[128];
};

enum { TELNET_SPEAK_MS = 10000 }; /* a server may look up our name, or hold a refusal back */

/* Takes over a connected descriptor. End with telnet_end(). */
void telnet_begin(struct telnet_talk *talk, struct probe_run *run, int fd);
void telnet_end(struct telnet_talk *talk);
/* Listens until the server asks for a login, is quiet after it said something,
 * hangs up, or TELNET_SPEAK_MS are over. */
void telnet_listen(struct telnet_talk *talk);
/* Forgets what was said, sends the text and the return key, and listens.
 * Returns 0, or -1 where it could not be sent. */
int telnet_type(struct telnet_talk *talk, const char *text);
/* Presses return where no login is asked for: a shell shows its prompt again. Where the prompt is
 * a mere word, asks for help as well. True if it takes commands. */
bool telnet_answers_commands(struct telnet_talk *talk);

#endif
