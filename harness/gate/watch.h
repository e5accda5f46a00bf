/*
 * watch: a packet socket for what speaks for the device's addresses, ARP and
 * neighbour advertisements:
 * first whoever answers, then, for the rest of the run, only others than the
 * device. A plain socket: the kernel takes 10 ms to give one a ring.
 */
#ifndef ASSAY_GATE_WATCH_H
#define ASSAY_GATE_WATCH_H

#include "harness/gate/link.h"

struct watch {
	const struct link *link;
	int fd; /* -1 where raw sockets are not granted */
	uint8_t strange[6];
	bool alarmed; /* another host has answered */
};

/* Opens the socket where the link has raw frames. Returns 0, or -1 with the
 * reason in why. */
int watch_init(struct watch *watch, const struct link *link, struct text *why);
/* Takes who speaks next. Returns for which of the link's devices, or -1 where
 * nobody is waiting. */
int watch_take(struct watch *watch, uint8_t ret_mac[6]);
/* From now on the kernel drops what the device itself says. */
void watch_narrow(struct watch *watch);
/* For poll(2); -1 where there is nothing to watch. */
int watch_fd(const struct watch *watch);
/* Reads what came. Returns true and a sentence the first time another host
 * answers for the device's address. */
bool watch_step(struct watch *watch, struct text *ret);

#endif
