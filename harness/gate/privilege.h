/* privilege: takes from the gate's process all it does not need. */
#ifndef ASSAY_GATE_PRIVILEGE_H
#define ASSAY_GATE_PRIVILEGE_H

/* Keeps CAP_NET_RAW where it is held and nothing else; user nobody where that
 * is possible; no new privileges; resource limits. */
void privilege_drop(void);
/* Closes every descriptor from 3 on except the two given. */
void privilege_close_others(int keep_a, int keep_b);

#endif
