// SPDX-License-Identifier: GPL-2.0-only
/* One started program from its request to its report: its time-out, and what it leaves behind. */
#include "agent.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TERM_GRACE_US 5000000  /* between SIGTERM and the end of the whole cgroup */
#define DRAIN_GRACE_US 1000000 /* for output of children that outlive the first process */
#define STRINGS_MAX 4096u

struct task tasks[MAX_TASKS];

struct task *task_find(uint32_t id)
{
	for (int i = 0; i < MAX_TASKS; i++)
		if (tasks[i].used && tasks[i].id == id)
			return &tasks[i];
	return NULL;
}

/* Splits `count` NUL-ended strings off the text; NULL where it is too short. */
static char **strings(char **at, char *end, uint32_t count)
{
	char **list = calloc(count + 1, sizeof(*list));

	for (uint32_t i = 0; list && i < count; i++) {
		char *stop = *at < end ? memchr(*at, 0, (size_t)(end - *at)) : NULL;

		if (!stop) {
			free(list);
			return NULL;
		}
		list[i] = *at;
		*at = stop + 1;
	}
	return list;
}

static struct task *free_task(void)
{
	for (int i = 0; i < MAX_TASKS; i++)
		if (!tasks[i].used)
			return &tasks[i];
	return NULL;
}

static void start(uint32_t id, const struct exec_head *head, const char *cwd, char **argv, char **env)
{
	struct task *task = free_task();
	int child[3];

	errno = EAGAIN;
	if (!task)
		return channel_fail(id, "too many programs at once");
	memset(task, 0, sizeof(*task));
	task->id = id;
	task->flags = head->flags;
	task->end_mark = head->end;
	task->output_left = head->max_output ? head->max_output : UINT64_MAX;
	if (streams_open(task, head->rows, head->columns, child))
		return channel_fail(id, "opening its streams");
	task->group = cgroup_take(head->max_processes);
	if (task->flags & EXEC_MARK)
		kernel_log("begin %u", head->begin);
	task->started_us = now_us();
	task->deadline_us = head->timeout_ms ? task->started_us + head->timeout_ms * 1000LL : 0;
	task->pid = spawn(task, head, child, cwd, argv, env);
	task->used = task->pid > 0;
	if (!task->used) {
		channel_fail(id, "fork");
		streams_close(task);
		cgroup_give_back(task->group);
	}
	for (int i = 0; i < (task->flags & EXEC_PTY ? 1 : 3); i++)
		close(child[i]);
}

void task_start(uint32_t id, const uint8_t *payload, uint32_t length)
{
	char **argv = NULL, **env = NULL, **cwd = NULL;
	struct exec_head head;
	char *text, *at, *end;

	errno = EINVAL;
	if (length < sizeof(head))
		return channel_fail(id, "the request is too short");
	if (task_find(id))
		return channel_fail(id, "a program of this id runs");
	memcpy(&head, payload, sizeof(head));
	length -= sizeof(head);
	/* A copy: the child has no part in the channel's buffers. */
	at = text = malloc(length + 1);
	if (!text)
		return channel_fail(id, "the request");
	memcpy(text, payload + sizeof(head), length);
	end = text + length;
	errno = EINVAL;
	if (head.argc == 0 || head.argc > STRINGS_MAX || head.envc > STRINGS_MAX || !(cwd = strings(&at, end, 1)) ||
	    !(argv = strings(&at, end, head.argc)) || !(env = strings(&at, end, head.envc)))
		channel_fail(id, "the request is malformed");
	else
		start(id, &head, cwd[0], argv, env);
	free(cwd);
	free(argv);
	free(env);
	free(text);
}

void task_signal(const struct task *task, int signal_number)
{
	/* Its session began with it: the group is its own, and holds what it started without saying otherwise. */
	if (!task->exited)
		kill(-task->pid, signal_number);
	if (signal_number == SIGKILL)
		cgroup_kill(task->group);
}

void task_reap(int pid, int status, uint64_t max_rss)
{
	for (int i = 0; i < MAX_TASKS; i++) {
		if (tasks[i].used && tasks[i].pid == pid && !tasks[i].exited) {
			tasks[i].exited = 1;
			tasks[i].status = status;
			tasks[i].max_rss = max_rss;
			tasks[i].ended_us = now_us();
		}
	}
}

static void report(struct task *task)
{
	struct exit_report end = {
		.code = WIFEXITED(task->status) ? (uint32_t)WEXITSTATUS(task->status) : 0,
		.signal = WIFSIGNALED(task->status) ? (uint32_t)WTERMSIG(task->status) : 0,
		.timed_out = (uint32_t)task->timed_out,
		.leftovers = task->leftovers,
		.limits = task->limits,
		.wall_us = (uint64_t)(task->ended_us - task->started_us),
		.cpu_us = cgroup_cpu_us(task->group),
		.max_rss = task->max_rss,
	};

	if (end.signal == SIGXFSZ)
		end.limits |= LIMIT_FILE;
	if (cgroup_hit_max_processes(task->group))
		end.limits |= LIMIT_PROCESSES;
	streams_close(task);
	if (task->flags & EXEC_MARK)
		kernel_log("end %u", task->end_mark);
	channel_send(FRAME_EXIT, task->id, &end, sizeof(end));
	cgroup_give_back(task->group);
	task->used = 0;
}

static int64_t tick_running(struct task *task, int64_t now)
{
	if (!task->deadline_us)
		return 0;
	if (now < task->deadline_us)
		return task->deadline_us;
	task->timed_out = 1;
	if (!task->terminated) {
		/* As kselftest's runner: SIGTERM first, so that the test can clean up after itself. */
		task->terminated = 1;
		task_signal(task, SIGTERM);
		task_signal(task, SIGCONT);
	} else {
		task_signal(task, SIGKILL);
	}
	task->deadline_us = now + TERM_GRACE_US;
	return task->deadline_us;
}

int64_t task_tick(struct task *task, int64_t now)
{
	if (!task->exited)
		return tick_running(task, now);
	if (!task->leftovers_killed) {
		task->leftovers = cgroup_processes(task->group);
		if (task->leftovers && now < task->ended_us + DRAIN_GRACE_US)
			return task->ended_us + DRAIN_GRACE_US;
		if (task->leftovers)
			cgroup_kill(task->group);
		task->leftovers_killed = 1;
	}
	/* What is still in the pipes belongs to the test; a pipe that something else holds open does not. */
	if (task->out >= 0 || task->err >= 0) {
		if (now < task->ended_us + 3 * DRAIN_GRACE_US)
			return task->ended_us + 3 * DRAIN_GRACE_US;
		if (channel_queued() >= QUEUE_LIMIT)
			return now + DRAIN_GRACE_US; /* we do not read: the host is slow */
	}
	report(task);
	return 0;
}
