// SPDX-License-Identifier: GPL-2.0-only
/* The event loop of the guest's first process. */
#include "agent.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* Above this much that the host has not taken, tests are made to wait: a pipe that nobody reads. */
#define QUEUE_LIMIT (1u << 18)

static void say_hello(void)
{
	char text[1024];
	struct utsname names;
	int n;

	uname(&names);
	n = snprintf(text, sizeof(text), "version=%d%crelease=%s%cmachine=%s%ccpus=%ld%cboot_us=%lld", AGENT_VERSION, 0,
		     names.release, 0, names.machine, 0, sysconf(_SC_NPROCESSORS_ONLN), 0, (long long)now_us());
	channel_send(FRAME_HELLO, 0, text, (size_t)n + 1);
}

static void resize(const struct task *task, const uint8_t *payload)
{
	uint32_t size[2];
	struct winsize window = { 0 };

	memcpy(size, payload, sizeof(size));
	window.ws_row = (unsigned short)size[0];
	window.ws_col = (unsigned short)size[1];
	ioctl(task->out, TIOCSWINSZ, &window);
}

void frame_arrived(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length)
{
	struct task *task = task_find(id);
	uint32_t signal_number;

	switch (type) {
	case FRAME_EXEC:
		task_start(id, payload, length);
		break;
	case FRAME_STDIN:
		if (task)
			task_input(task, payload, length);
		break;
	case FRAME_KILL:
		if (task && length >= 4 && !task->exited) {
			memcpy(&signal_number, payload, 4);
			kill(task->pid, (int)signal_number);
		}
		break;
	case FRAME_RESIZE:
		if (task && length >= 8 && (task->flags & EXEC_PTY) && task->out >= 0)
			resize(task, payload);
		break;
	case FRAME_PING:
		channel_send(FRAME_PONG, id, payload, length);
		break;
	case FRAME_SHUTDOWN:
		sync();
		reboot(RB_POWER_OFF);
		break;
	default:
		kernel_log("unknown frame %u from the host", type);
	}
}

static void reap(int signals)
{
	struct signalfd_siginfo info;
	int pid, status;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		task_reap(pid, status);
}

/* The next wake-up in milliseconds for poll; -1 for none. */
static int tick(void)
{
	int64_t now = now_us(), next = 0;

	for (int i = 0; i < MAX_TASKS; i++) {
		int64_t at = tasks[i].used ? task_tick(&tasks[i], now) : 0;

		if (at && (!next || at < next))
			next = at;
	}
	if (!next)
		return -1;
	return next <= now ? 0 : (int)((next - now) / 1000 + 1 > 1000000 ? 1000000 : (next - now) / 1000 + 1);
}

static int watch(struct pollfd *set, struct task **owners, int signals)
{
	int n = 2;

	set[0] = (struct pollfd){ channel_fd(), (short)(POLLIN | (channel_queued() ? POLLOUT : 0)), 0 };
	set[1] = (struct pollfd){ signals, POLLIN, 0 };
	for (int i = 0; i < MAX_TASKS; i++) {
		struct task *task = &tasks[i];

		if (!task->used)
			continue;
		if (channel_queued() < QUEUE_LIMIT) {
			if (task->out >= 0)
				owners[n] = task, set[n++] = (struct pollfd){ task->out, POLLIN, 0 };
			if (task->err >= 0)
				owners[n] = task, set[n++] = (struct pollfd){ task->err, POLLIN, 0 };
		}
		if (task->in >= 0 && task->input_length)
			owners[n] = task, set[n++] = (struct pollfd){ task->in, POLLOUT, 0 };
	}
	return n;
}

static void serve(int signals)
{
	static struct pollfd set[2 + 3 * MAX_TASKS];
	static struct task *owners[2 + 3 * MAX_TASKS];

	for (;;) {
		int wait_ms = tick();
		int n = watch(set, owners, signals);

		if (poll(set, (nfds_t)n, wait_ms) < 0)
			continue;
		if (set[1].revents)
			reap(signals);
		if (set[0].revents & POLLIN)
			channel_read();
		if (set[0].revents & POLLOUT)
			channel_flush();
		/* The host's end is closed: it will be back, or end this guest; don't spin meanwhile. */
		if ((set[0].revents & (POLLHUP | POLLERR)) && !(set[0].revents & POLLIN))
			usleep(20000);
		for (int i = 2; i < n; i++) {
			struct task *task = owners[i];

			if (!set[i].revents || !task->used)
				continue;
			if (set[i].fd == task->in && (set[i].events & POLLOUT))
				task_feed(task);
			else if (set[i].fd == task->out || set[i].fd == task->err)
				task_drain(task, set[i].fd == task->err);
		}
	}
}

int main(void)
{
	sigset_t children;
	int signals;

	setup_guest();
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	signals = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
	/* Loading modules on demand and running without a caller's environment both need a PATH. */
	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "dumb", 1);
	channel_open();
	say_hello();
	serve(signals);
}
