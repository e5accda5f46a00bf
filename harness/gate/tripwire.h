/* tripwire: one page shared by the runner, the gate and the monitors. */
#ifndef ASSAY_GATE_TRIPWIRE_H
#define ASSAY_GATE_TRIPWIRE_H

#include "harness/gate/gate.h"
#include <stdatomic.h>

enum { TRIPWIRE_FUNCTIONS = 64, TRIPWIRE_ANY = -1 };

struct gate_tripwire {
	atomic_bool any;
	atomic_bool function[TRIPWIRE_FUNCTIONS];
};

/* True if the function's (or, for TRIPWIRE_ANY, any) monitor has set it. */
bool tripwire_is_set(const struct gate_tripwire *tripwire, int function);

#endif
