/* stop: the first reason for which a run ends. */
#include "harness/run/stop.h"
#include "harness/base/process.h"
#include "harness/run/runner.h"

#include <stdarg.h>
#include <stdio.h>

#include "harness/banned.h"

int runner_stop(struct runner *runner, enum stop stop, const char *format, ...)
{
	va_list arguments;

	if (runner->stop == STOP_NONE) {
		runner->stop = stop;
		va_start(arguments, format);
		vsnprintf(runner->stop_reason.s, sizeof(runner->stop_reason.s), format, arguments);
		va_end(arguments);
	}
	return -1;
}

int runner_gate_gone(struct runner *runner)
{
	struct text how;

	process_end(gate_pid(runner->gate), "it", &how);
	return runner_stop(runner, STOP_BENCH_LOST,
			   "the gate's process is gone: %.200s; run the same command "
			   "with '-o %s' to go on",
			   how.s, runner->options->directory);
}
