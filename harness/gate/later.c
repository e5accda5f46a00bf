/* later: one detached thread for each closing. */
#define _GNU_SOURCE
#include "harness/gate/later.h"

#include <pcap/pcap.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "harness/banned.h"

void later(void *(*work)(void *), void *argument)
{
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, work, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		work(argument);
	} else {
		pthread_detach(thread);
	}
}

static void *do_close(void *argument)
{
	close((int)(intptr_t)argument);
	return NULL;
}

static void *do_pcap_close(void *argument)
{
	pcap_close(argument);
	return NULL;
}

void later_close(int fd)
{
	later(do_close, (void *)(intptr_t)fd);
}

void later_pcap_close(pcap_t *handle)
{
	later(do_pcap_close, handle);
}
