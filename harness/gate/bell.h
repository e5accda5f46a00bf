/*
 * bell: how a wire's two sides wake each other: a pair of sockets, one end
 * each. Each side owns its end alone: what the other does to its own (its
 * flags, filling it, closing it) cannot make this side wait.
 */
#ifndef ASSAY_GATE_BELL_H
#define ASSAY_GATE_BELL_H

/* Makes the two ends (CLOEXEC). Returns 0 or -errno. */
int bell_new(int ret[2]);
/* Wakes the other side. Never waits; an end that is full has been rung. */
void bell_ring(int end);
/* Takes away what has been rung. Never waits. Returns 0, or -1 when the other
 * end is gone: poll(2) would find this one readable for ever. */
int bell_hush(int end);

#endif
