// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a test could have left behind is told by a child, in a given time: to read some file of a kernel under test
 * may block for ever.
 */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static struct {
	uint32_t id;
	int pid; /* 0 once it has ended */
	int fd;  /* -1 while nobody asks */
	int64_t deadline_us;
} asked = { .fd = -1 };

/* Whoever asked hears that nothing comes any more. */
static void abandon(int why)
{
	if (asked.pid > 0)
		kill(asked.pid, SIGKILL);
	errno = why;
	channel_fail(asked.id, "telling the surroundings");
	close(asked.fd);
	asked.fd = -1;
}

void surroundings_start(uint32_t id, uint32_t timeout_ms)
{
	int ends[2];

	if (asked.fd >= 0)
		abandon(ECANCELED);
	if (pipe2(ends, O_CLOEXEC))
		return channel_fail(id, "telling the surroundings");
	asked.pid = fork();
	if (asked.pid == 0)
		tell_surroundings(ends[1]);
	close(ends[1]);
	if (asked.pid < 0) {
		channel_fail(id, "telling the surroundings");
		close(ends[0]);
		return;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	asked.fd = ends[0];
	asked.id = id;
	asked.deadline_us = now_us() + timeout_ms * 1000LL;
}

void surroundings_reap(int pid)
{
	if (pid == asked.pid)
		asked.pid = 0;
}

int surroundings_fd(void)
{
	return asked.fd;
}

void surroundings_drain(void)
{
	static uint8_t chunk[CHUNK];
	ssize_t n = read(asked.fd, chunk, sizeof(chunk));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	channel_send(FRAME_SURROUNDED, asked.id, chunk, n > 0 ? (size_t)n : 0);
	if (n <= 0) {
		close(asked.fd);
		asked.fd = -1;
	}
}

int64_t surroundings_tick(int64_t now)
{
	if (asked.fd < 0)
		return 0;
	if (now < asked.deadline_us)
		return asked.deadline_us;
	abandon(ETIMEDOUT);
	return 0;
}
