/* link: the veth pair of a target. */
#define _GNU_SOURCE
#include "targets/simulated/link.h"
#include "harness/base/clock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/banned.h"

/* ip lives where an ordinary user's PATH does not look. */
#define TOOL_PATH    "/usr/sbin:/usr/bin:/sbin:/bin"
#define ASK_AGAIN_MS 200

static _Noreturn void tool_exec(const char *const *arguments, int errors)
{
	char *const environment[] = {"PATH=" TOOL_PATH, "LC_ALL=C", NULL};

	dup2(errors, STDERR_FILENO);
	/* execvpe looks in the caller's PATH, not in the environment given. */
	setenv("PATH", TOOL_PATH, 1);
	/* exec takes char * for historical reasons and changes nothing. */
	execvpe(arguments[0], (char *const *)(uintptr_t)arguments, environment);
	dprintf(errors, "%s", strerror(errno));
	_exit(127);
}

/* Reads to the end and keeps the last line's beginning. */
static void last_line_read(int fd, char *line, size_t capacity)
{
	FILE *stream = fdopen(fd, "r");
	char text[256];

	*line = '\0';
	if (!stream) {
		close(fd);
		return;
	}
	while (fgets(text, sizeof(text), stream)) {
		text[strcspn(text, "\n")] = '\0';
		if (*text)
			snprintf(line, capacity, "%s", text);
	}
	fclose(stream);
}

int tool_run(const char *const *arguments, struct text *why)
{
	char reason[256];
	int pipes[2], status = -1;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return text_error(why, "cannot start '%s': %s", arguments[0], strerror(errno));
	pid = fork();
	if (pid == 0)
		tool_exec(arguments, pipes[1]);
	close(pipes[1]);
	last_line_read(pipes[0], reason, sizeof(reason));
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return text_error(why, "'%s' failed: %s", arguments[0],
			  *reason ? reason : "no reason given");
}

/*
 * Until the kernel has noticed the carrier, up to a second after 'up', it
 * silently drops what is sent.
 */
static int link_wait(const char *interface, struct text *why)
{
	int64_t deadline = clock_ns() + 3 * NS_PER_S;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_flags = 0};
	bool running = false;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	while (fd >= 0 && !running && clock_ns() < deadline) {
		running =
			ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_RUNNING);
		if (!running)
			clock_sleep_until(clock_ns() + 5 * NS_PER_MS);
	}
	if (fd >= 0)
		close(fd);
	return running ? 0 : text_error(why, "the link '%s' gets no carrier", interface);
}

#define IP(why, ...) tool_run((const char *const[]){"ip", __VA_ARGS__, NULL}, why)

int link_make(const struct target_link *link, pid_t pid, struct text *why)
{
	const char *interface = link->interface;
	char id[16], tester[24], witness[24];

	snprintf(id, sizeof(id), "%ld", (long)pid);
	snprintf(tester, sizeof(tester), "%s/24", link->tester);
	snprintf(witness, sizeof(witness), "%s/24", link->witness);
	/* A crashed target's pair takes some milliseconds to go. */
	for (int i = 0; i < 100 && if_nametoindex(interface) != 0; i++)
		clock_sleep_until(clock_ns() + 10 * NS_PER_MS);
	if (if_nametoindex(interface) != 0)
		return text_error(why, "an interface '%s' is there already", interface);
	/* No IPv6 of its own: nothing but the tester speaks on this link. */
	if (IP(why, "link", "add", "name", interface, "address", link->tester_mac, "type", "veth",
	       "peer", "name", "eth0", "address", link->device_mac, "netns", id) < 0 ||
	    IP(why, "link", "set", "dev", interface, "addrgenmode", "none") < 0 ||
	    IP(why, "addr", "add", tester, "dev", interface) < 0 ||
	    IP(why, "addr", "add", witness, "dev", interface) < 0 ||
	    IP(why, "link", "set", "dev", interface, "up") < 0) {
		link_remove(link);
		return -1;
	}
	return 0;
}

int link_configure(const struct target_link *link, struct text *why)
{
	char address[24];

	snprintf(address, sizeof(address), "%s/24", link->address);
	if (IP(why, "link", "set", "dev", "lo", "up") < 0 ||
	    IP(why, "link", "set", "dev", "eth0", "addrgenmode", "none") < 0 ||
	    IP(why, "addr", "add", address, "dev", "eth0") < 0)
		return -1;
	return link_switch(true, why);
}

/* A datagram to a port that nobody has, which the device's kernel refuses: frames go both ways. No
 * trait filters datagrams, as one does requests for a connection. */
static bool refused(const char *address, int64_t deadline)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(1)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	bool answered = false;

	inet_pton(AF_INET, address, &to.sin_addr);
	if (fd < 0)
		return false;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		return false;
	}
	while (!answered && clock_left_ms(deadline) > 0) {
		(void)send(fd, "", 1, 0);
		answered = poll(&wait, 1, ASK_AGAIN_MS) == 1 && recv(fd, &(char){0}, 1, 0) < 0 &&
			   errno == ECONNREFUSED;
	}
	close(fd);
	return answered;
}

/* The first frame after 'up' is lost now and then; asked again a second later
 * by the kernel. Whoever comes after must not pay for that. */
int link_ready(const struct target_link *link, struct text *why)
{
	int64_t deadline = clock_ns() + 4 * NS_PER_S;

	if (link_wait(link->interface, why) < 0)
		return -1;
	if (refused(link->address, deadline))
		return 0;
	return text_error(why, "nothing comes back from %s", link->address);
}

int link_switch(bool up, struct text *why)
{
	if (IP(why, "link", "set", "dev", "eth0", up ? "up" : "down") < 0)
		return -1;
	return up ? link_wait("eth0", why) : 0;
}

void link_remove(const struct target_link *link)
{
	if (if_nametoindex(link->interface) != 0)
		IP(NULL, "link", "del", "dev", link->interface);
}
