/*
 * service: the process of one simulated service: accepts connections, one
 * thread each, and misbehaves where a trait says so.
 */
#define _GNU_SOURCE
#include "harness/base/clock.h"
#include "harness/base/log.h"
#include "targets/simulated/device.h"
#include "targets/simulated/link.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/banned.h"

struct service {
	const struct device *device;
	const struct server *server;
	void *context; /* what start() returned */
	atomic_int open;
};

struct connection {
	struct service *service;
	int fd;
};

int peer_send(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -1;
		at += sent;
		size -= (size_t)sent;
	}
	return 0;
}

int peer_say(int fd, const char *text)
{
	return peer_send(fd, text, strlen(text));
}

/* Returns the next byte, or -1 at the peer's end or the deadline. */
static int peer_byte(int fd, int64_t deadline)
{
	unsigned char byte;
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	if (poll(&wait, 1, clock_left_ms(deadline)) <= 0)
		return -1;
	return recv(fd, &byte, 1, 0) == 1 ? byte : -1;
}

int peer_line(int fd, char *line, size_t capacity)
{
	int64_t deadline = clock_ns() + PEER_PATIENCE_MS * NS_PER_MS;
	size_t length = 0;

	for (;;) {
		int byte = peer_byte(fd, deadline);
		if (byte < 0)
			return -1;
		if (byte == 255) { /* IAC command option, RFC 854 */
			int command = peer_byte(fd, deadline);
			if (command >= 251 && command <= 254)
				peer_byte(fd, deadline);
			continue;
		}
		if (byte == '\n')
			break;
		if (byte != '\r' && byte != '\0' && length + 1 < capacity)
			line[length++] = (char)byte;
	}
	line[length] = '\0';
	return (int)length;
}

static bool afflicted(const struct service *service, enum trait trait)
{
	int64_t kind = device_trait(service->device, trait);

	return kind == SERVICE_ALL || kind == (int64_t)service->server->kind;
}

static void stay_silent(int fd)
{
	char sink[512];
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	while (poll(&wait, 1, PEER_PATIENCE_MS) > 0 && recv(fd, sink, sizeof(sink), 0) > 0)
		;
}

static void send_garbage(int fd)
{
	unsigned char bytes[4096];

	if (getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes))
		peer_send(fd, bytes, sizeof(bytes));
}

static void *connection_run(void *argument)
{
	struct connection *connection = argument;
	struct service *service = connection->service;
	int fd = connection->fd;

	free(connection);
	clock_sleep_until(clock_ns() + device_trait(service->device, TRAIT_ANSWER_MS) * NS_PER_MS);
	if (afflicted(service, TRAIT_SILENT))
		stay_silent(fd);
	else if (afflicted(service, TRAIT_GARBAGE))
		send_garbage(fd);
	else if (!afflicted(service, TRAIT_CLOSE_EARLY))
		service->server->serve(service->device, service->context, fd);
	close(fd);
	atomic_fetch_sub(&service->open, 1);
	return NULL;
}

static void connection_start(struct service *service, int fd)
{
	struct connection *connection = malloc(sizeof(*connection));
	pthread_t thread;

	if (connection) {
		*connection = (struct connection){service, fd};
		atomic_fetch_add(&service->open, 1);
		if (pthread_create(&thread, NULL, connection_run, connection) == 0) {
			pthread_detach(thread);
			return;
		}
		atomic_fetch_sub(&service->open, 1);
	}
	free(connection);
	close(fd);
}

/* Off the network first: a device that died says nothing, not even RST. */
static _Noreturn void device_die(void)
{
	link_switch(false, NULL);
	_exit(EXIT_DEVICE_DIES);
}

_Noreturn void service_run(const struct device *device, const struct server *server, int listener)
{
	struct service service = {.device = device, .server = server};
	int64_t die_after = device_trait(device, TRAIT_DIE_AFTER);
	struct text why;

	service.context = server->start(device, &why);
	if (!service.context) {
		log_error("%s: %s", server->name, why.s);
		_exit(1);
	}
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			clock_sleep_until(clock_ns() + 10 * NS_PER_MS);
			continue;
		}
		if (atomic_fetch_add(&device->shared->connections, 1) + 1 > die_after &&
		    die_after > 0)
			device_die();
		connection_start(&service, fd);
		/* More wait in the listen queue, as on a small device. */
		while (atomic_load(&service.open) >= device_trait(device, TRAIT_CLIENTS))
			clock_sleep_until(clock_ns() + 5 * NS_PER_MS);
	}
}
