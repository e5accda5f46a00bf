/* ssh_shell: a session's first words by libssh (RFC 4254). Contract in ssh_shell.h. */
#include <libssh/libssh.h>

#include <string.h>

#include "probes/session/session_words.h"
#include "probes/ssh/ssh_shell.h"

#include "harness/banned.h"

enum { LOOK_MS = 2000 }; /* for what a shell says first */

/* What a shell said, as far as it is looked at. */
struct shell {
	char text[2048];
	size_t size;
};

/* Some switches let everybody in and ask for a name inside the session: then
 * the last thing they say is that question. */
static bool shell_asks(struct shell *shell)
{
	char *line;

	while (shell->size > 0 && strchr(" \r\n", shell->text[shell->size - 1]) != NULL) {
		shell->size--;
	}
	shell->text[shell->size] = '\0';
	line = strrchr(shell->text, '\n');
	line = line == NULL ? shell->text : line + 1;
	return words_ask_name(line) || words_ask_password(line);
}

static void listen_to(struct ssh_door *door, ssh_channel channel, struct shell *shell)
{
	int got;

	door->deadline = clock_ns() + LOOK_MS * NS_PER_MS;
	while (clock_left_ms(door->deadline) > 0 && shell->size < sizeof(shell->text) - 1) {
		got = ssh_channel_read_nonblocking(
			channel, shell->text + shell->size,
			(uint32_t)(sizeof(shell->text) - 1 - shell->size), 0);
		if (got < 0 || (got == 0 && !ssh_door_waits(door))) {
			return;
		}
		shell->size += (size_t)got;
	}
}

static enum ssh_shell look_at(struct ssh_door *door, ssh_channel channel)
{
	struct shell shell = {.size = 0};
	int rc;

	do {
		rc = ssh_channel_open_session(channel);
	} while (rc == SSH_AGAIN && ssh_door_waits(door));
	if (rc != SSH_OK) {
		return SSH_SHELL_REFUSED;
	}
	do {
		rc = ssh_channel_request_shell(channel);
	} while (rc == SSH_AGAIN && ssh_door_waits(door));
	if (rc == SSH_OK) {
		listen_to(door, channel, &shell);
	}
	return shell_asks(&shell) ? SSH_SHELL_ASKS : SSH_SHELL_OPEN;
}

enum ssh_shell ssh_shell_look(struct ssh_door *door)
{
	enum ssh_shell look = SSH_SHELL_REFUSED;
	ssh_channel channel = ssh_channel_new(door->ssh);

	ssh_door_begin(door);
	if (channel != NULL) {
		look = look_at(door, channel);
	}
	ssh_channel_free(channel);
	return look;
}
