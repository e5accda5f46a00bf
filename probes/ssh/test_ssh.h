/*
 * test_ssh: for tests of the SSH probes: real servers on a free port of
 * 127.0.0.1, with host keys made for the occasion, ended with the test. Include
 * after cmocka.h. Not part of assay itself.
 */
#ifndef ASSAY_PROBES_TEST_SSH_H
#define ASSAY_PROBES_TEST_SSH_H

#include "harness/run/test_run.h"
#include <fcntl.h>
#include <sys/stat.h>

struct test_server {
	pid_t pid;
	uint16_t port;
	char folder[32]; /* keys and configuration */
};

static inline void test_wait_for_port(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd, rc = -1, i;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (i = 0; i < 1000 && rc != 0; i++) { /* 50 s: keys are made first */
		fd = socket(AF_INET, SOCK_STREAM, 0);
		rc = connect(fd, (struct sockaddr *)&address, sizeof(address));
		close(fd);
		poll(NULL, 0, rc != 0 ? 50 : 0);
	}
	TEST_RUN_MUST(rc == 0);
}

/* Runs the command line with the shell in the server's own folder, after
 * replacing nothing: PORT and FOLDER are in its environment. */
static inline struct test_server test_server_start(const char *command)
{
	struct test_server server = {.folder = "/tmp/server-XXXXXX"};
	char port[8];
	int null;

	TEST_RUN_MUST(mkdtemp(server.folder) != NULL);
	close(test_listen(&server.port));
	snprintf(port, sizeof(port), "%d", server.port);
	fflush(NULL);
	server.pid = fork();
	TEST_RUN_MUST(server.pid >= 0);
	if (server.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		setenv("PORT", port, 1);
		TEST_RUN_MUST(chdir(server.folder) == 0);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	test_wait_for_port(server.port);
	return server;
}

static inline void test_server_stop(struct test_server *server)
{
	kill(-server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	test_remove(server->folder);
}

#define TEST_SSHD_KEYS                           \
	"ssh-keygen -q -t ed25519 -N '' -f ed; " \
	"ssh-keygen -q -t rsa -b 2048 -N '' -f rsa; mkdir -p /run/sshd; "
#define TEST_SSHD                                                  \
	"exec /usr/sbin/sshd -D -f /dev/null -o Port=$PORT "       \
	"-o ListenAddress=127.0.0.1 -o PidFile=none -o UsePAM=no " \
	"-o LogLevel=QUIET -h $PWD/ed "

#define TEST_SSHD_WEAK                                                                       \
	TEST_SSHD_KEYS TEST_SSHD "-h $PWD/rsa -o KexAlgorithms=+diffie-hellman-group1-sha1 " \
				 "-o Ciphers=+3des-cbc -o MACs=+hmac-md5 "                   \
				 "-o HostKeyAlgorithms=+ssh-rsa"
#define TEST_SSHD_HARDENED                                                                  \
	TEST_SSHD_KEYS TEST_SSHD "-o KexAlgorithms=curve25519-sha256 "                      \
				 "-o Ciphers=aes256-gcm@openssh.com -o MACs=hmac-sha2-512 " \
				 "-o Compression=no -o PasswordAuthentication=no "          \
				 "-o KbdInteractiveAuthentication=no"
#define TEST_DROPBEAR                     \
	"dropbearkey -t ed25519 -f key; " \
	"exec dropbear -F -E -r key -p 127.0.0.1:$PORT -P $PWD/pid"

#endif
