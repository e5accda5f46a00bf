/*
 * device: a simulated device from inside: what all its services share. One
 * process serves each service, one thread each connection.
 */
#ifndef ASSAY_TARGETS_DEVICE_H
#define ASSAY_TARGETS_DEVICE_H

#include "targets/simulated/trait.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum account_kind { ACCOUNT_ADMIN, ACCOUNT_PROBE, ACCOUNT_COUNT };

/* Mapped shared before the services are forked; all of it starts as 0. */
struct device_shared {
	atomic_llong connections; /* accepted, all services */
	struct {
		atomic_llong failures;      /* in a row */
		atomic_llong blocked_until; /* CLOCK_MONOTONIC, ns */
	} account[ACCOUNT_COUNT];
};

struct device {
	char name[32];
	char address[16];
	char directory[256]; /* keys and certificates; only its owner reads */
	struct traits traits;
	struct device_shared *shared;
};

static inline int64_t device_trait(const struct device *device, enum trait trait)
{
	return device->traits.value[trait];
}

/* --- accounts ------------------------------------------------------------ */

/* The password of 'admin' or 'probe', as the traits have it. */
const char *account_secret(const struct traits *traits, enum account_kind account);
/* Judges a login and counts it for the lockout. password may be empty. */
bool account_login(const struct device *device, const char *user, const char *password);

/* --- services ------------------------------------------------------------ */

/* Places in SERVICE_WORDS. */
enum service_kind {
	SERVICE_NONE,
	SERVICE_SSH,
	SERVICE_HTTPS,
	SERVICE_HTTP,
	SERVICE_TELNET,
	SERVICE_FTP,
	SERVICE_MODBUS,
	SERVICE_HIDDEN,
	SERVICE_ALL
};

struct server {
	const char *name;
	enum service_kind kind;
	/* The port to listen on; 0: the traits switch it off. */
	uint16_t (*port)(const struct traits *traits);
	/* Called once in the service's process; returns what serve() gets, or
	 * NULL with the reason in why. */
	void *(*start)(const struct device *device, struct text *why);
	/* Serves one connection in a thread of its own; the caller closes fd.
	 */
	void (*serve)(const struct device *device, void *context, int fd);
};

extern const struct server server_ssh, server_https, server_http, server_telnet, server_ftp,
	server_modbus, server_hidden;
extern const struct server *const device_servers[]; /* NULL ends */

/* The longest a peer may keep a service waiting for one line or request. */
#define PEER_PATIENCE_MS 60000

/* Sends all of it. Returns 0 or -1. */
int peer_send(int fd, const void *bytes, size_t size);
int peer_say(int fd, const char *text);
/* Reads one line without its end (LF or CRLF), dropping Telnet commands and
 * what does not fit. Returns its length, or -1 at the peer's end. */
int peer_line(int fd, char *line, size_t capacity);

/* The service's process: accepts on listener until the device ends. */
_Noreturn void service_run(const struct device *device, const struct server *server, int listener);
/* A service's process ends with this when the device is to die. */
#define EXIT_DEVICE_DIES 3

/* --- keys ---------------------------------------------------------------- */

/* Makes the SSH and TLS keys the traits ask for in the device's directory.
 * Returns 0, or -1 with the reason in why. */
int keys_make(const struct device *device, struct text *why);

/* --- load ---------------------------------------------------------------- */

struct load_meter;
/* Counts the frames of the trait's family that reach this network namespace.
 * Returns NULL with the reason in why. */
struct load_meter *load_meter_new(int64_t family, struct text *why);
/* Frames since the call before. */
uint64_t load_meter_take(struct load_meter *meter);
void load_meter_free(struct load_meter *meter);

/* The process image of the control program. Register 10 counts its cycles. */
#define REGISTER_COUNT   1000
#define REGISTER_CYCLES  10
#define REGISTER_SCRATCH 900

struct control;
/* Starts the control program: a cycle every 10 ms, slower or stopped as the
 * traits say. It never ends. Returns NULL with the reason in why. */
struct control *control_new(const struct device *device, struct text *why);
/* The calling thread goes before everything else, as the program and its
 * process data do on a controller; where the rights are missing it shares the
 * processor like anybody. */
void control_come_first(void);
/* Copies all registers out, or some of them in. */
void control_read(struct control *control, uint16_t ret[REGISTER_COUNT]);
/* Counts one cycle that the program did not do. */
void control_count(struct control *control);
void control_write(struct control *control, const uint16_t *from, int first, int count);

#endif
