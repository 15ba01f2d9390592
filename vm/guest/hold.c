// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the agent takes hold of before the first test runs: the folders that a test may mount over, memory that
 * cannot be evicted, and a place on the processor that no spinning test can keep it from.
 */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <unistd.h>

/*
 * Below the kernel's own (migration, watchdog: 99), above whatever a test would use. Children get ordinary
 * scheduling back (SCHED_RESET_ON_FORK).
 */
#define PRIORITY 98

struct hold hold = { .proc = -1, .dev = -1, .cgroup = -1, .kmsg = -1, .sysrq = -1, .random = -1 };

void hold_on(void)
{
	struct sched_param priority = { .sched_priority = PRIORITY };

	hold.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	hold.dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	hold.cgroup = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);
	hold.kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	hold.sysrq = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	hold.random = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority))
		kernel_log("no real-time priority: %s", strerror(errno));
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		kernel_log("the agent's memory is not locked: %s", strerror(errno));
}

/* A line without its end would stay invisible until the next one: the kernel waits for the rest of it. */
static void log_line(const char *level, const char *text)
{
	int fd = hold.kmsg >= 0 ? hold.kmsg : open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		dprintf(fd, "%smultitap: %s\n", level, text);
	if (fd >= 0 && fd != hold.kmsg)
		close(fd);
}

void kernel_log(const char *format, ...)
{
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	log_line("<6>", text);
}

void give_up(const char *what)
{
	char text[400];

	snprintf(text, sizeof(text), "giving up: %s: %s", what, strerror(errno));
	log_line("<0>", text); /* so that `quiet` lets it through: the host reads this on the console */
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
