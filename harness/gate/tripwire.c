/* tripwire: flags in shared memory; setting one is async-safe. */
#include "harness/gate/tripwire.h"

#include "harness/banned.h"

void gate_tripwire_set(struct gate_tripwire *tripwire, int function_index)
{
	if (function_index >= 0 && function_index < TRIPWIRE_FUNCTIONS) {
		atomic_store(&tripwire->function[function_index], true);
	}
	atomic_store(&tripwire->any, true);
}

void gate_tripwire_clear(struct gate_tripwire *tripwire)
{
	int i;

	for (i = 0; i < TRIPWIRE_FUNCTIONS; i++) {
		atomic_store(&tripwire->function[i], false);
	}
	atomic_store(&tripwire->any, false);
}

bool tripwire_is_set(const struct gate_tripwire *tripwire, int function)
{
	if (function >= 0 && function < TRIPWIRE_FUNCTIONS) {
		return atomic_load_explicit(&tripwire->function[function], memory_order_relaxed);
	}
	return atomic_load_explicit(&tripwire->any, memory_order_relaxed);
}
