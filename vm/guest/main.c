// SPDX-License-Identifier: GPL-2.0-only
/* The event loop of the guest's first process. */
#include "agent.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define PING_MAX 64u
/* A host that asks for one program after another does not wait for what can be done later. */
#define TIDY_AFTER_MS 20
#define AWAY_MS 20 /* how often we look whether the host is back */

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

static uint32_t word(const uint8_t *payload, uint32_t length, uint32_t index)
{
	uint32_t value = 0;

	if (length >= (index + 1) * sizeof(value))
		memcpy(&value, payload + index * sizeof(value), sizeof(value));
	return value;
}

static void sysrq(uint32_t id, const uint8_t *letters, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (write(hold.sysrq, letters + i, 1) != 1)
			return channel_fail(id, "SysRq");
	channel_send(FRAME_SYSRQED, id, NULL, 0);
}

static void refreshed(uint32_t id, const uint8_t *payload, uint32_t length)
{
	if (refresh(payload, length))
		return channel_fail(id, "setting the clock and the random numbers");
	say_hello();
	channel_send(FRAME_REFRESHED, id, NULL, 0);
}

void frame_arrived(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length)
{
	struct task *task = task_find(id);

	switch (type) {
	case FRAME_EXEC:
		task_start(id, payload, length);
		break;
	case FRAME_STDIN:
		if (task)
			streams_input(task, payload, length);
		break;
	case FRAME_KILL:
		if (task)
			task_signal(task, (int)word(payload, length, 0));
		break;
	case FRAME_RESIZE:
		if (task)
			streams_resize(task, word(payload, length, 0), word(payload, length, 1));
		break;
	case FRAME_PING:
		channel_send(FRAME_PONG, id, payload, length < PING_MAX ? length : PING_MAX);
		break;
	case FRAME_SURROUNDINGS:
		surroundings_start(id, word(payload, length, 0));
		break;
	case FRAME_REFRESH:
		refreshed(id, payload, length);
		break;
	case FRAME_SYSRQ:
		sysrq(id, payload, length);
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
	struct rusage usage;
	int pid, status;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		;
	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		task_reap(pid, status, (uint64_t)usage.ru_maxrss * 1024);
		surroundings_reap(pid);
	}
}

/* The next wake-up in milliseconds for poll; -1 for none. */
static int tick(void)
{
	int64_t now = now_us(), next = surroundings_tick(now);

	for (int i = 0; i < MAX_TASKS; i++) {
		int64_t at = tasks[i].used ? task_tick(&tasks[i], now) : 0;

		if (at && (!next || at < next))
			next = at;
	}
	if (!next)
		return -1;
	return next <= now ? 0 : (int)((next - now) / 1000 + 1 > 1000000 ? 1000000 : (next - now) / 1000 + 1);
}

static int idle(void)
{
	for (int i = 0; i < MAX_TASKS; i++)
		if (tasks[i].used)
			return 0;
	return 1;
}

#define SOURCES (3 + 3 * MAX_TASKS)
static struct pollfd set[SOURCES];
static struct task *owners[SOURCES];

static int watch(int signals, int host_away)
{
	int listens = !host_away && channel_queued() < QUEUE_LIMIT;
	/* A host that takes nothing is not heard for ever: answers would pile up. */
	int hears = channel_queued() < 2 * QUEUE_LIMIT;
	int n = 3;

	set[0] = (struct pollfd){ channel_fd(), (short)((hears ? POLLIN : 0) | (channel_queued() ? POLLOUT : 0)), 0 };
	set[1] = (struct pollfd){ signals, POLLIN, 0 };
	set[2] = (struct pollfd){ listens ? surroundings_fd() : -1, POLLIN, 0 };
	for (int i = 0; i < MAX_TASKS; i++) {
		struct task *task = &tasks[i];

		if (!task->used)
			continue;
		if (listens && task->out >= 0)
			owners[n] = task, set[n++] = (struct pollfd){ task->out, POLLIN, 0 };
		if (listens && task->err >= 0)
			owners[n] = task, set[n++] = (struct pollfd){ task->err, POLLIN, 0 };
		if (task->in >= 0 && task->input_start < task->input_end)
			owners[n] = task, set[n++] = (struct pollfd){ task->in, POLLOUT, 0 };
	}
	return n;
}

static void serve_tasks(int n)
{
	for (int i = 3; i < n; i++) {
		struct task *task = owners[i];

		if (!set[i].revents || !task->used)
			continue;
		if (set[i].events & POLLOUT) {
			if (set[i].fd == task->in)
				streams_feed(task);
		} else if (channel_queued() < QUEUE_LIMIT && (set[i].fd == task->out || set[i].fd == task->err)) {
			streams_drain(task, set[i].fd == task->err);
		}
	}
}

static void serve(int signals)
{
	int host_away = 0;

	for (;;) {
		int wait_ms = tick();
		int untidy = cgroups_untidy() && idle();
		int count = watch(signals, host_away);
		int events, hangs_up;

		if (untidy && (wait_ms < 0 || wait_ms > TIDY_AFTER_MS))
			wait_ms = TIDY_AFTER_MS;
		if (host_away)
			usleep(AWAY_MS * 1000); /* poll would return at once */
		if (host_away && (wait_ms < 0 || wait_ms > AWAY_MS))
			wait_ms = AWAY_MS;
		events = poll(set, (nfds_t)count, wait_ms);
		if (events < 0)
			continue;
		hangs_up = set[0].revents & POLLHUP && !(set[0].revents & POLLIN);
		if (hangs_up)
			channel_forget();
		else if (host_away)
			say_hello(); /* to a new host, or the same one, that knows nothing of what was on the way */
		host_away = hangs_up;
		if (set[1].revents)
			reap(signals);
		if (set[0].revents & POLLIN)
			channel_read();
		if (set[0].revents & POLLOUT)
			channel_flush();
		if (set[2].revents)
			surroundings_drain();
		serve_tasks(count);
		if (untidy && !events)
			cgroups_tidy();
	}
}

int main(void)
{
	sigset_t children;
	int signals;

	if (getpid() == 1)
		setup_guest();
	else
		setup_attached();
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
