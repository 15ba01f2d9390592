// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the agent needs of a guest, where it runs outside one, in the sandbox and with sanitizers: instead of hold.c,
 * port.c and setup.c. Its port is a socket, which it connects to by the path in $PORT.
 */
#include "../agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GAVE_UP 77

struct hold hold = { .proc = -1, .dev = -1, .cgroup = -1, .kmsg = -1, .sysrq = -1, .random = -1 };
static struct sockaddr_un address = { .sun_family = AF_UNIX };

void setup_attached(void)
{
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", getenv("PORT"));
	hold.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	hold.dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Whatever number the sandbox gives the process. */
void setup_guest(void)
{
	setup_attached();
}

int port_open(void)
{
	int port = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (port < 0 || connect(port, (struct sockaddr *)&address, sizeof(address)))
		give_up(address.sun_path);
	fcntl(port, F_SETFL, O_NONBLOCK);
	return port;
}

void kernel_log(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

void give_up(const char *what)
{
	fprintf(stderr, "giving up: %s: %s\n", what, strerror(errno));
	_exit(GAVE_UP);
}
