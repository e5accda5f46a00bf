/*
 * door: the table of everything a child can ask the gate for. A door without a
 * row does not exist: its request is refused. A row says which class of impact
 * a pass must have been admitted with, which rights (NEEDS_...) its probe must
 * have declared, and which budget of the profile the door draws on; that is
 * enforced here, the same for all rows, before the row's own check is asked.
 *
 * To add a door: its request in message.h, one row in door.c, and its open()
 * in a file of its own.
 */
#ifndef ASSAY_GATE_DOOR_H
#define ASSAY_GATE_DOOR_H

#include "harness/gate/pass.h"

/* What of the profile's budget a door draws on. Where that is 0 the door is
 * shut; how the rest is counted is the door's own. */
enum door_budget {
	DRAWS_NOTHING, /* sends nothing to the device either */
	DRAWS_CONNECTIONS,
	DRAWS_FRAMES,
	DRAWS_FAILED_LOGINS,
	DRAWS_WRITES,
	DRAWS_LOAD,
};

/* Who may ask. */
enum door_guest { FOR_CHECKS = 1 << 0, FOR_MONITORS = 1 << 1, FOR_ALL = 3 };

struct door {
	const char *name; /* as it stands in a refusal: "a failed login" */
	uint32_t request; /* enum request_kind */
	/* Which of the request's rows this is; NULL: the only one. */
	uint32_t (*variant)(const struct request *request);
	uint32_t value;     /* of variant() */
	enum impact impact; /* least class of the pass */
	unsigned needs;     /* NEEDS_..., all of them */
	unsigned guests;    /* enum door_guest */
	enum door_budget budget;
	/* What only this door can tell: 0, or -errno with the refusal in the
	 * pass's tally. NULL: nothing more. */
	int (*check)(struct server *server, struct pass *pass, const struct request *request);
	/* Does it and answers, now or later. NULL: the door is reserved and
	 * not built yet. */
	void (*open)(struct server *server, struct pass *pass, const struct request *request);
};

/* The rows; the last has no name. */
extern const struct door doors[];

/* The request's row, or NULL. */
const struct door *door_find(const struct request *request);
/* Whether this pass may go through: 0, or -errno with the refusal in the
 * pass's tally. -EPERM: no such door, or nothing may be sent any more; -EACCES:
 * not for this class, need or guest; -EDQUOT: the budget grants nothing;
 * -ENOSYS: reserved. */
int door_refused(const struct door *door, struct server *server, struct pass *pass,
		 const struct request *request);
/* Serves one request of a pass: refuses it, or opens the door. */
void door_ask(struct server *server, struct pass *pass, const struct request *request);

#endif
