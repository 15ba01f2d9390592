// SPDX-License-Identifier: GPL-2.0-only
/* One started program: its streams, its time-out, its cgroup, what it leaves behind. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TERM_GRACE_US 5000000  /* between SIGTERM and the end of the whole cgroup */
#define DRAIN_GRACE_US 1000000 /* for output of children that outlive the first process */
#define CHUNK 32768

struct task tasks[MAX_TASKS];

int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

struct task *task_find(uint32_t id)
{
	for (int i = 0; i < MAX_TASKS; i++)
		if (tasks[i].used && tasks[i].id == id)
			return &tasks[i];
	return NULL;
}

static void failed(uint32_t id, const char *what)
{
	char text[300];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));
	channel_send(FRAME_FAILED, id, text, strlen(text));
}

/* Splits `count` NUL-ended strings off the payload; NULL where it is too short. */
static char **strings(const char **at, const char *end, uint32_t count)
{
	char **list = calloc(count + 1, sizeof(*list));

	for (uint32_t i = 0; list && i < count; i++) {
		const char *stop = *at < end ? memchr(*at, 0, (size_t)(end - *at)) : NULL;

		if (!stop) {
			free(list);
			return NULL;
		}
		list[i] = (char *)*at;
		*at = stop + 1;
	}
	return list;
}

static int open_terminal(uint32_t rows, uint32_t columns, int *slave)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	char name[64];

	if (master < 0 || grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof(name)))
		return -1;
	*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	ioctl(master, TIOCSWINSZ, &size);
	return *slave < 0 ? -1 : master;
}

static int open_streams(struct task *task, uint32_t rows, uint32_t columns, int child[3])
{
	int in[2], out[2], err[2];

	if (task->flags & EXEC_PTY) {
		task->out = open_terminal(rows, columns, &child[0]);
		if (task->out < 0)
			return -1;
		task->in = task->out;
		task->err = -1;
		child[1] = child[2] = child[0];
		return 0;
	}
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return -1;
	task->in = in[1];
	task->out = out[0];
	task->err = err[0];
	child[0] = in[0];
	child[1] = out[1];
	child[2] = err[1];
	fcntl(task->in, F_SETFL, O_NONBLOCK);
	fcntl(task->out, F_SETFL, O_NONBLOCK);
	fcntl(task->err, F_SETFL, O_NONBLOCK);
	return 0;
}

__attribute__((noreturn)) static void run_child(const struct task *task, const int child[3], const char *cwd,
						char **argv, char **env)
{
	sigset_t none;

	setsid();
	if (task->flags & EXEC_PTY)
		ioctl(child[0], TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(child[fd], fd);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	cgroup_join(task);
	if (*cwd && chdir(cwd))
		dprintf(2, "multitap: cannot enter %s: %s\n", cwd, strerror(errno));
	else {
		/* The caller's PATH decides, not the agent's. */
		for (char **variable = env; *variable; variable++)
			putenv(*variable);
		execvp(argv[0], argv);
		dprintf(2, "multitap: cannot run %s: %s\n", argv[0], strerror(errno));
	}
	_exit(errno == ENOENT ? 127 : 126);
}

void task_start(uint32_t id, const uint8_t *payload, uint32_t length)
{
	const char *at = (const char *)payload + 24, *end = (const char *)payload + length;
	char **argv = NULL, **env = NULL, **cwd = NULL;
	struct task *task = NULL;
	uint32_t head[6];
	int child[3];

	errno = EINVAL;
	if (length < sizeof(head))
		return failed(id, "the request is too short");
	memcpy(head, payload, sizeof(head));
	if (head[4] == 0 || head[4] > 4096 || head[5] > 4096 || !(cwd = strings(&at, end, 1)) ||
	    !(argv = strings(&at, end, head[4])) || !(env = strings(&at, end, head[5]))) {
		failed(id, "the request is malformed");
		goto out;
	}
	for (int i = 0; i < MAX_TASKS && !task; i++)
		if (!tasks[i].used)
			task = &tasks[i];
	errno = EAGAIN;
	if (!task) {
		failed(id, "too many programs at once");
		goto out;
	}
	memset(task, 0, sizeof(*task));
	task->id = id;
	task->flags = head[0];
	if (open_streams(task, head[2], head[3], child)) {
		failed(id, "opening its streams");
		goto out;
	}
	cgroup_make(task);
	if (task->flags & EXEC_MARK)
		kernel_log("begin %u", id);
	task->started_us = now_us();
	task->deadline_us = head[1] ? task->started_us + head[1] * 1000LL : 0;
	task->pid = fork();
	if (task->pid == 0)
		run_child(task, child, cwd[0], argv, env);
	close(child[0]);
	if (!(task->flags & EXEC_PTY)) {
		close(child[1]);
		close(child[2]);
	}
	task->used = task->pid > 0;
	if (!task->used)
		failed(id, "fork");
out:
	free(cwd);
	free(argv);
	free(env);
}

void task_input(struct task *task, const uint8_t *bytes, uint32_t length)
{
	if (length == 0) {
		task->input_ends = 1;
	} else if (task->in >= 0) {
		uint8_t *longer = realloc(task->input, task->input_length + length);

		if (!longer)
			return;
		memcpy(longer + task->input_length, bytes, length);
		task->input = longer;
		task->input_length += length;
	}
	task_feed(task);
}

static void close_input(struct task *task)
{
	if (task->in >= 0 && !(task->flags & EXEC_PTY))
		close(task->in);
	task->in = -1;
	free(task->input);
	task->input = NULL;
	task->input_length = 0;
}

void task_feed(struct task *task)
{
	while (task->in >= 0 && task->input_length) {
		ssize_t n = write(task->in, task->input, task->input_length);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			close_input(task);
			return;
		}
		task->input_length -= (size_t)n;
		memmove(task->input, task->input + n, task->input_length);
	}
	if (task->input_ends && !(task->flags & EXEC_PTY))
		close_input(task);
}

void task_drain(struct task *task, int is_err)
{
	int *fd = is_err ? &task->err : &task->out;
	uint8_t chunk[CHUNK];
	ssize_t n = read(*fd, chunk, sizeof(chunk));

	if (n > 0) {
		channel_send(is_err ? FRAME_STDERR : FRAME_STDOUT, task->id, chunk, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		/* A terminal whose last process has gone reports EIO. */
		close(*fd);
		*fd = -1;
		if (task->flags & EXEC_PTY)
			task->in = -1;
	}
}

void task_reap(int pid, int status)
{
	for (int i = 0; i < MAX_TASKS; i++) {
		if (tasks[i].used && tasks[i].pid == pid && !tasks[i].exited) {
			tasks[i].exited = 1;
			tasks[i].status = status;
			tasks[i].ended_us = now_us();
		}
	}
}

static void report(struct task *task)
{
	struct {
		uint32_t code, signal, timed_out, leftovers;
		uint64_t wall_us, cpu_us;
	} end = {
		.code = WIFEXITED(task->status) ? (uint32_t)WEXITSTATUS(task->status) : 0,
		.signal = WIFSIGNALED(task->status) ? (uint32_t)WTERMSIG(task->status) : 0,
		.timed_out = (uint32_t)task->timed_out,
		.leftovers = task->leftovers,
		.wall_us = (uint64_t)(task->ended_us - task->started_us),
		.cpu_us = cgroup_cpu_us(task),
	};

	close_input(task);
	if (task->out >= 0)
		close(task->out);
	if (task->err >= 0)
		close(task->err);
	if (task->flags & EXEC_MARK)
		kernel_log("end %u", task->id);
	channel_send(FRAME_EXIT, task->id, &end, sizeof(end));
	cgroup_remove(task);
	task->used = 0;
}

int64_t task_tick(struct task *task, int64_t now)
{
	if (!task->exited) {
		if (!task->deadline_us)
			return 0;
		if (now < task->deadline_us)
			return task->deadline_us;
		task->timed_out = 1;
		if (!task->terminated) {
			/* As kselftest's runner: SIGTERM first, so that the test can clean up after itself. */
			task->terminated = 1;
			kill(task->pid, SIGTERM);
			task->deadline_us = now + TERM_GRACE_US;
			return task->deadline_us;
		}
		cgroup_kill(task);
		task->deadline_us = now + TERM_GRACE_US;
		return task->deadline_us;
	}
	if (!task->leftovers_killed) {
		task->leftovers = cgroup_processes(task);
		if (task->leftovers && now < task->ended_us + DRAIN_GRACE_US)
			return task->ended_us + DRAIN_GRACE_US;
		if (task->leftovers)
			cgroup_kill(task);
		task->leftovers_killed = 1;
	}
	/* What is still in the pipes belongs to the test; a pipe that something else holds open does not. */
	if ((task->out >= 0 || task->err >= 0) && now < task->ended_us + 3 * DRAIN_GRACE_US)
		return task->ended_us + 3 * DRAIN_GRACE_US;
	report(task);
	return 0;
}
