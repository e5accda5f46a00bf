/* sender: chooses among the ways of sending. */
#define _GNU_SOURCE
#include "harness/gate/sender.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

/* fastest first */
static const struct sender_ops *const senders[] = {&sender_xdp, &sender_mmsg};

bool sender_known(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(senders); i++) {
		if (strcmp(senders[i]->name, name) == 0) {
			return true;
		}
	}
	return name[0] == '\0';
}

int sender_open(const struct link *link, const char *name, struct sender *ret)
{
	bool any = name == NULL || name[0] == '\0';
	struct sender sender = {.state = NULL};
	int error = -EINVAL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(senders); i++) {
		if (!any && strcmp(senders[i]->name, name) != 0) {
			continue;
		}
		sender.ops = senders[i];
		error = sender.ops->open(link, &sender.state);
		if (error == 0) {
			*ret = sender;
			return 0;
		}
	}
	return error;
}

unsigned sender_places(struct sender *sender, uint8_t **ret, unsigned count)
{
	return sender->ops->places(sender->state, ret, count);
}

void sender_queue(struct sender *sender, const size_t *sizes, unsigned count)
{
	sender->ops->queue(sender->state, sizes, count);
}

int sender_push(struct sender *sender)
{
	return sender->ops->push(sender->state);
}

void sender_close(struct sender *sender)
{
	if (sender->state != NULL) {
		sender->ops->close(sender->state);
		sender->state = NULL;
	}
}
