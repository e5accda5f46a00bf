/* inside: the first process of a target's namespaces: its services or its
 * recipe, its death and return, its end. */
#define _GNU_SOURCE
#include "targets/simulated/inside.h"
#include "harness/base/clock.h"
#include "harness/base/log.h"
#include "harness/base/mounts.h"
#include "targets/simulated/link.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/banned.h"

#define READY_S 5
#define BACKLOG 128
#define LOOK_MS 200

const struct server *const device_servers[] = {
	&server_ssh, &server_https,  &server_http,   &server_telnet,
	&server_ftp, &server_modbus, &server_hidden, NULL,
};

/* Rules of nftables by TRAIT_FILTER; a set's elements are the tester's addresses. */
#define TABLE_IN  "add table ip f; add chain ip f in { type filter hook input priority 0; }; "
#define TABLE_OUT "add table ip f; add chain ip f out { type filter hook output priority 0; }; "
#define SYN       "tcp flags & (syn|ack) == syn "
#define BAN(how)                                                                                \
	"add table ip f; add set ip f banned { type ipv4_addr; flags dynamic,timeout; timeout " \
	"20s; }; add chain ip f in { type filter hook input priority 0; }; "                    \
	"add rule ip f in ip saddr @banned " how "; "                                           \
	"add rule ip f in " SYN "meter fast { ip saddr limit rate over 500/second burst 100 "   \
	"packets } add @banned { ip saddr } " how

static const char *const filters[] = {
	[FILTER_NONE] = NULL,
	[FILTER_DROP_CLOSED] =
		TABLE_IN "add rule ip f in tcp dport != { 21, 22, 23, 80, 443, 502 } drop",
	[FILTER_LIMIT_RST] = TABLE_OUT
	"add rule ip f out tcp flags & rst == rst limit rate over 500/second burst 100 packets "
	"drop",
	[FILTER_LIMIT_CONNECTS] =
		TABLE_IN "add rule ip f in " SYN "limit rate over 20/second burst 20 packets drop",
	[FILTER_BAN_SILENT] = BAN("drop"),
	[FILTER_BAN_RESET] = BAN("reject with tcp reset"),
	[FILTER_RESET_MAIN] = TABLE_IN
	"add rule ip f in ip saddr & 0.0.0.255 == 0.0.0.1 tcp dport != { 21, 22, 23, 80, 443, 502 } "
	"reject with tcp reset",
};

static int filter_start(const struct device *device, struct text *why)
{
	const char *rules = filters[device_trait(device, TRAIT_FILTER)];

	return rules ? tool_run((const char *const[]){"nft", rules, NULL}, why) : 0;
}

static int listener_open(uint16_t port)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int service_start(const struct device *device, const struct server *server, struct text *why)
{
	uint16_t port = server->port(&device->traits);
	int listener = port ? listener_open(port) : -1;
	pid_t pid;

	if (port == 0)
		return 0;
	if (listener < 0)
		return text_error(why, "%s cannot listen on port %u: %s", server->name, port,
				  strerror(errno));
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, server->name);
		/* The supervisor's channel above all: a socket made in the
		 * caller's network namespace keeps that alive. */
		if (listener != 3 && dup3(listener, 3, O_CLOEXEC) < 0)
			_exit(1);
		close_range(4, ~0U, 0);
		service_run(device, server, 3);
	}
	close(listener);
	if (pid < 0)
		return text_error(why, "%s cannot be started: %s", server->name, strerror(errno));
	return 0;
}

static int services_start(const struct device *device, struct text *why)
{
	if (filter_start(device, why) < 0)
		return -1;
	for (size_t i = 0; device_servers[i]; i++)
		if (service_start(device, device_servers[i], why) < 0)
			return -1;
	return 0;
}

/* Reads the kernel's table of this network namespace: asking it takes no place
 * in any listen queue, as a connection would. */
static bool listening_in(const char *table, uint16_t port)
{
	FILE *file = fopen(table, "r");
	char line[512];
	bool found = false;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned local, state;
		/* "0: 00000000:0016 00000000:0000 0A": 0A is LISTEN. */
		if (sscanf(line, "%*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x", &local, &state) ==
			    2 &&
		    local == port && state == 0x0A)
			found = true;
	}
	if (file)
		fclose(file);
	return found;
}

static bool listening(uint16_t port)
{
	return listening_in("/proc/net/tcp", port) || listening_in("/proc/net/tcp6", port);
}

/* The recipe's script starts its servers in the background and ends. */
static int recipe_run(const struct supervisor_order *order, struct text *why)
{
	char script[512], folder[500], password[512];
	const char *recipe = order->def->recipe;
	const char *const arguments[] = {
		"sh", script, folder, order->device.directory, order->link.address, password, NULL};

	snprintf(folder, sizeof(folder), "%s/targets/real/%s", ASSAY_DATA_DIR, recipe);
	snprintf(script, sizeof(script), "%s/start", folder);
	snprintf(password, sizeof(password), "%s/targets/profiles/secret/%s-assay", ASSAY_DATA_DIR,
		 recipe);
	return tool_run(arguments, why);
}

static int recipe_start(const struct supervisor_order *order, struct text *why)
{
	int64_t deadline = clock_ns() + READY_S * NS_PER_S;
	const uint16_t *port = order->def->ports;

	if (recipe_run(order, why) < 0)
		return -1;
	for (; *port; port++)
		while (!listening(*port)) {
			if (clock_ns() > deadline)
				return text_error(why, "nothing listens on port %u", *port);
			clock_sleep_until(clock_ns() + 10 * NS_PER_MS);
		}
	return 0;
}

static int world_make(const struct supervisor_order *order)
{
	int error = mounts_own(0);

	if (error < 0 || sethostname(order->def->name, strlen(order->def->name)) < 0) {
		errno = error < 0 ? -error : errno;
		return -1;
	}
	/* Without its own /proc a target would see its caller's processes;
	 * where it cannot have one (a container hides parts of it), it works
	 * all the same. */
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		log_note("no /proc of its own: %s", strerror(errno));
	return 0;
}

static void everything_kill(void)
{
	if (getpid() != 1)
		BUG("kill(-1) outside a process namespace");
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* Another device takes its place: its keys, its hardware address. */
static int swap(const struct device *device, struct text *why)
{
	static const char *const address[] = {
		"ip", "link", "set", "dev", "eth0", "address", "02:a5:5a:00:ff:03", NULL};

	return keys_make(device, why) < 0 ? -1 : tool_run(address, why);
}

/* The device goes off the network and, if the traits say so, comes back. */
static void device_stay_dead(const struct device *device)
{
	int64_t away_ms = device_trait(device, TRAIT_REBOOT_FOR);
	struct text why;

	log_note("the device dies");
	everything_kill();
	if (away_ms == 0)
		return;
	clock_sleep_until(clock_ns() + away_ms * NS_PER_MS);
	memset(device->shared, 0, sizeof(*device->shared));
	if ((device_trait(device, TRAIT_SWAPPED) && swap(device, &why) < 0) ||
	    link_switch(true, &why) < 0 || services_start(device, &why) < 0)
		log_error("%s", why.s);
	log_note("the device is back");
}

/* Collects those who ended; true if the device is to die. */
static bool reap(void)
{
	bool dies = false;
	int status = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DEVICE_DIES)
			dies = true;
		else if (WIFSIGNALED(status))
			log_error("process %ld ended by signal %d", (long)pid, WTERMSIG(status));
	}
	return dies;
}

static void look_after(const struct supervisor_order *order)
{
	int64_t end = clock_ns() + order->lifetime_s * NS_PER_S;
	struct timespec look = {.tv_nsec = LOOK_MS * NS_PER_MS};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	/* The link is gone when the caller's network namespace is. */
	while (clock_ns() < end && if_nametoindex("eth0") != 0) {
		sigtimedwait(&child, NULL, &look);
		if (reap())
			device_stay_dead(&order->device);
	}
}

_Noreturn void inside_run(const struct supervisor_order *order, int channel)
{
	struct supervisor_word word = {.fine = false};
	sigset_t child;
	int rc = -1;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	prctl(PR_SET_NAME, "assay-target");
	if (world_make(order) < 0)
		text_error(&word.why, "cannot set up its namespaces: %s", strerror(errno));
	/* An end of file instead of a word: the caller is gone. */
	else if (recv(channel, &word, sizeof(word), 0) != (ssize_t)sizeof(word))
		_exit(1);
	else if (link_configure(&order->link, &word.why) == 0)
		rc = order->def->recipe ? recipe_start(order, &word.why)
					: services_start(&order->device, &word.why);
	word.fine = rc == 0;
	supervisor_tell(channel, &word);
	if (rc < 0)
		_exit(1);
	close(channel);
	look_after(order);
	_exit(0);
}
