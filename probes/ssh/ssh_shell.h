/*
 * ssh_shell: what a session shows after an accepted login. Some devices let everybody
 * in and ask for a name inside. It types nothing.
 */
#ifndef ASSAY_PROBES_SSH_SHELL_H
#define ASSAY_PROBES_SSH_SHELL_H

#include "probes/ssh/ssh_door.h"

enum ssh_shell {
	SSH_SHELL_OPEN,    /* a session, and no question for a name */
	SSH_SHELL_ASKS,    /* the shell itself asks who one is */
	SSH_SHELL_REFUSED, /* no session */
};
enum ssh_shell ssh_shell_look(struct ssh_door *door);

#endif
