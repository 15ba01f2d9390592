/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's first process: init and agent in one. As PID 1 it can neither be killed from inside the guest
 * nor chosen by the OOM killer, whatever a test does.
 *
 * Wire format, both ways, little endian (protocol.ts is the host's half; both carry AGENT_VERSION):
 *   u32 payload length · u32 exec id · u8 type · 3 × u8 zero · payload
 */
#ifndef MULTITAP_AGENT_H
#define MULTITAP_AGENT_H

#include <stddef.h>
#include <stdint.h>

#define AGENT_VERSION 1
#define FRAME_HEADER 12
#define FRAME_MAX (1u << 20)

/* host → guest */
#define FRAME_EXEC 'X'     /* u32 flags, timeout ms, rows, columns, argc, envc; cwd, argv…, env… each NUL-ended */
#define FRAME_STDIN 'I'    /* bytes; an empty one closes stdin */
#define FRAME_KILL 'K'     /* u32 signal, sent to the exec's first process */
#define FRAME_RESIZE 'Z'   /* u32 rows, columns */
#define FRAME_PING 'P'     /* echoed */
#define FRAME_SHUTDOWN 'S' /* sync and power off */

/* guest → host */
#define FRAME_HELLO 'H'  /* key=value, each NUL-ended */
#define FRAME_STDOUT 'O' /* bytes */
#define FRAME_STDERR 'E' /* bytes */
#define FRAME_EXIT 'Q'   /* u32 code, signal, timed out, leftover processes; u64 wall µs, CPU µs */
#define FRAME_FAILED 'F' /* text: the program was not started */
#define FRAME_PONG 'P'

#define EXEC_PTY 1u  /* stdin, stdout and stderr are a new terminal */
#define EXEC_MARK 2u /* begin and end are written to the kernel's log, so that the console can be cut there */

/* setup.c: mounts, modules, root; does not come back where it cannot go on */
void setup_guest(void);
/* Writes a line to the kernel's log. */
void kernel_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
__attribute__((noreturn)) void give_up(const char *what);

/* channel.c: frames over the virtio-serial port */
void channel_open(void);
int channel_fd(void);
void channel_send(uint8_t type, uint32_t id, const void *payload, size_t length);
size_t channel_queued(void);
void channel_flush(void);
/* Reads what is there and calls frame_arrived for each whole frame. */
void channel_read(void);
void frame_arrived(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length);

/* exec.c: one started program */
#define MAX_TASKS 64

struct task {
	int used;
	uint32_t id;
	uint32_t flags;
	int pid;
	int in, out, err; /* our ends; -1 where closed. A terminal has in == out */
	int exited;
	int status;
	int timed_out;
	int terminated;      /* SIGTERM was sent for the time-out */
	int64_t started_us;
	int64_t ended_us;    /* when its first process ended */
	int64_t deadline_us; /* 0: none */
	uint32_t leftovers;
	int leftovers_killed;
	uint8_t *input; /* what stdin has not taken yet */
	size_t input_length;
	int input_ends;
};

extern struct task tasks[MAX_TASKS];
int64_t now_us(void);
void task_start(uint32_t id, const uint8_t *payload, uint32_t length);
struct task *task_find(uint32_t id);
void task_input(struct task *task, const uint8_t *bytes, uint32_t length);
void task_feed(struct task *task);
/* Reads once from one stream of the task and sends it on. */
void task_drain(struct task *task, int is_err);
void task_reap(int pid, int status);
/* Time-outs, leftovers, the final report; returns the next moment at which it wants to be called, or 0. */
int64_t task_tick(struct task *task, int64_t now);

/* cgroup.c: one for each task */
void cgroup_make(const struct task *task);
/* Called by the child, before it becomes the program. */
void cgroup_join(const struct task *task);
uint64_t cgroup_cpu_us(const struct task *task);
uint32_t cgroup_processes(const struct task *task);
/* Kills every process in it, whatever session or group it moved to. */
void cgroup_kill(const struct task *task);
void cgroup_remove(const struct task *task);

#endif
