/* tcp_connect: whether a service still accepts connections. */
#include "probes/probe.h"

#include <unistd.h>

#include "harness/banned.h"

static int sample(struct probe_run *run, void **state, int64_t deadline_ns, double *ret_value)
{
	int64_t start_ns = clock_ns();
	int ms = clock_left_ms(deadline_ns);
	int fd = probe_dial(run, probe_service(run, "service"), ms > 0 ? ms : 1);

	(void)state;
	if (fd < 0) {
		return -1;
	}
	close(fd);
	*ret_value = (double)(clock_ns() - start_ns) / (double)NS_PER_MS;
	return 0;
}

static const struct param_def params[] = {
	{"service", PARAM_SERVICE, "TCP service", NULL, 0, 0},
	{0},
};

const struct monitor monitor_tcp_connect = {
	.id = "tcp.connect",
	.summary = "connects to a service and hangs up",
	.source = "RFC 9293",
	.params = params,
	.meaning = "time to connect",
	.unit = "ms",
	.sample = sample,
};
