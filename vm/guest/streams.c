// SPDX-License-Identifier: GPL-2.0-only
/* A program's input and output, in bounded memory: either side is made to wait for the other. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The host is told of what was taken in steps of this. */
#define WINDOW_STEP (INPUT_WINDOW / 4)

static int open_terminal(uint32_t rows, uint32_t columns, int *slave)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };
	int master = openat(hold.dev, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	int locked = 0;

	if (master < 0)
		return -1;
	ioctl(master, TIOCSPTLCK, &locked);
	ioctl(master, TIOCSWINSZ, &size);
	*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave >= 0)
		return master;
	close(master);
	return -1;
}

int streams_open(struct task *task, uint32_t rows, uint32_t columns, int child[3])
{
	int pipes[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };

	task->in = task->out = task->err = -1;
	if (task->flags & EXEC_PTY) {
		task->in = task->out = open_terminal(rows, columns, &child[0]);
		child[1] = child[2] = child[0];
		return task->out < 0 ? -1 : 0;
	}
	for (int i = 0; i < 3; i++) {
		int ours = i == 0; /* stdin is written by us */

		if (pipe2(pipes[i], O_CLOEXEC)) {
			for (int j = 0; j < i; j++) {
				close(pipes[j][0]);
				close(pipes[j][1]);
			}
			return -1;
		}
		fcntl(pipes[i][ours], F_SETFL, O_NONBLOCK);
		child[i] = pipes[i][!ours];
	}
	task->in = pipes[0][1];
	task->out = pipes[1][0];
	task->err = pipes[2][0];
	return 0;
}

static void close_input(struct task *task)
{
	if (task->in >= 0 && !(task->flags & EXEC_PTY))
		close(task->in);
	task->in = -1;
	free(task->input);
	task->input = NULL;
	task->input_start = task->input_end = 0;
}

void streams_close(struct task *task)
{
	close_input(task);
	if (task->out >= 0)
		close(task->out);
	if (task->err >= 0)
		close(task->err);
	task->out = task->err = -1;
}

void streams_resize(const struct task *task, uint32_t rows, uint32_t columns)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };

	if ((task->flags & EXEC_PTY) && task->out >= 0)
		ioctl(task->out, TIOCSWINSZ, &size);
}

static void taken(struct task *task, size_t bytes)
{
	task->input_taken += (uint32_t)bytes;
	if (task->input_taken < WINDOW_STEP)
		return;
	channel_send(FRAME_WINDOW, task->id, &task->input_taken, sizeof(task->input_taken));
	task->input_taken = 0;
}

/* Room for `length` more bytes at the end; NULL where the host sends more than its window, or memory is out. */
static uint8_t *input_room(struct task *task, size_t length)
{
	size_t kept = task->input_end - task->input_start;

	if (!task->input)
		task->input = malloc(INPUT_WINDOW);
	if (!task->input || length > INPUT_WINDOW - kept)
		return NULL;
	if (length > INPUT_WINDOW - task->input_end) {
		memmove(task->input, task->input + task->input_start, kept);
		task->input_start = 0;
		task->input_end = kept;
	}
	return task->input + task->input_end;
}

void streams_input(struct task *task, const uint8_t *bytes, uint32_t length)
{
	if (length == 0) {
		task->input_closing = 1;
	} else if (task->in < 0) {
		taken(task, length); /* by nobody: it is closed */
	} else {
		uint8_t *room = input_room(task, length);

		if (!room) {
			kernel_log("input of exec %u is lost: %u bytes more than there is room for", task->id, length);
			close_input(task);
			return;
		}
		memcpy(room, bytes, length);
		task->input_end += length;
	}
	streams_feed(task);
}

void streams_feed(struct task *task)
{
	while (task->in >= 0 && task->input_start < task->input_end) {
		size_t kept = task->input_end - task->input_start;
		ssize_t n = write(task->in, task->input + task->input_start, kept);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			close_input(task);
			taken(task, kept);
			return;
		}
		task->input_start += (size_t)n;
		taken(task, (size_t)n);
	}
	task->input_start = task->input_end = 0;
	if (task->input_closing && !(task->flags & EXEC_PTY))
		close_input(task);
}

static void send_output(struct task *task, int is_err, const uint8_t *chunk, size_t length)
{
	size_t sent = length;

	if (task->limits & LIMIT_OUTPUT)
		return;
	if (sent > task->output_left)
		sent = (size_t)task->output_left;
	task->output_left -= sent;
	if (sent)
		channel_send(is_err ? FRAME_STDERR : FRAME_STDOUT, task->id, chunk, sent);
	if (sent < length) {
		task->limits |= LIMIT_OUTPUT;
		task_signal(task, SIGKILL);
	}
}

void streams_drain(struct task *task, int is_err)
{
	static uint8_t chunk[CHUNK];
	int *fd = is_err ? &task->err : &task->out;
	ssize_t n = read(*fd, chunk, sizeof(chunk));

	if (n > 0) {
		send_output(task, is_err, chunk, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		/* A terminal whose last process has gone reports EIO. */
		if (task->flags & EXEC_PTY)
			close_input(task);
		close(*fd);
		*fd = -1;
	}
}
