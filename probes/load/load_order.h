/*
 * load_order: what a load is to be made of, from the parameters of the check and what
 * the profile declares. It sends nothing.
 */
#ifndef ASSAY_PROBES_LOAD_ORDER_H
#define ASSAY_PROBES_LOAD_ORDER_H

#include "probes/probe.h"

/* Fills parts and rate from the parameters family, port and frames_per_s; the other
 * members stay. Returns 0, or -1 with the run given up: the profile declares no address
 * or service for a family, or there are more than a load mixes. */
int load_order_fill(struct probe_run *run, struct storm_order *order);

#endif
