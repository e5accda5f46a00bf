/*
 * ssh_login: the ways to ask an SSH server for a login. It looks at no session: see
 * ssh_shell.h.
 */
#ifndef ASSAY_PROBES_SSH_LOGIN_H
#define ASSAY_PROBES_SSH_LOGIN_H

#include "probes/ssh/ssh_door.h"

/* Each asks for one login through an open door. LOGIN_SILENT after session_failed(): a
 * hang-up without a word of the protocol is no answer. */
/* Without credentials; door->methods is then what the server lists. */
enum login_outcome ssh_login_none(struct ssh_door *door);
enum login_outcome ssh_login_password(struct ssh_door *door, const char *password);
enum login_outcome ssh_login_interactive(struct ssh_door *door,
					 const struct credential *credential);
/* SSH_AUTH_METHOD_... that the last refusal listed; 0: none. */
unsigned ssh_login_methods(const struct ssh_door *door);
/* With a new Ed25519 key. */
enum login_outcome ssh_login_key(struct ssh_door *door);

#endif
