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

#define AGENT_VERSION 2
#define FRAME_HEADER 12
#define FRAME_MAX (1u << 20)

/* host → guest */
#define FRAME_EXEC 'X'         /* struct exec_head; cwd, argv…, env… each NUL-ended */
#define FRAME_STDIN 'I'        /* bytes, at most the window ahead of what WINDOW told; an empty one closes stdin */
#define FRAME_KILL 'K'         /* u32 signal, to the exec's process group; SIGKILL to its whole cgroup */
#define FRAME_RESIZE 'Z'       /* u32 rows, columns */
#define FRAME_PING 'P'         /* at most 64 bytes, echoed */
#define FRAME_SURROUNDINGS 'N' /* u32 time-out in ms */
#define FRAME_REFRESH 'R'      /* u64 µs since 1970, u32 instance, at least 32 random bytes */
#define FRAME_SYSRQ 'Y'        /* letters for /proc/sysrq-trigger */
#define FRAME_SHUTDOWN 'S'     /* sync and power off */

/* guest → host */
#define FRAME_HELLO 'H'  /* key=value, each NUL-ended */
#define FRAME_STDOUT 'O' /* bytes */
#define FRAME_STDERR 'E' /* bytes */
#define FRAME_WINDOW 'W' /* u32 bytes of stdin that were taken since the last one */
#define FRAME_EXIT 'Q'   /* struct exit_report */
#define FRAME_FAILED 'F' /* text: what was asked for under this id was not done */
#define FRAME_PONG 'P'
#define FRAME_SURROUNDED 'N' /* a piece of at most 32 KiB of records, each NUL-ended; an empty one ends them */
#define FRAME_REFRESHED 'R'  /* none; a HELLO went before it */
#define FRAME_SYSRQED 'Y'    /* none: all letters were written */

#define EXEC_PTY 1u  /* stdin, stdout and stderr are a new terminal */
#define EXEC_MARK 2u /* begin and end are written to the kernel's log, so that the console can be cut there */

struct exec_head {
	uint32_t flags;
	uint32_t timeout_ms; /* 0: none */
	uint32_t rows, columns;
	uint32_t argc, envc;
	uint32_t begin, end; /* the words of the marks: a test must not know that of the end */
	uint32_t max_processes; /* 0: as many as the guest can bear */
	uint32_t zero;
	uint64_t max_output; /* bytes of both streams; 0: any */
	uint64_t max_file;   /* bytes of one file; 0: any */
};

#define LIMIT_OUTPUT 1u
#define LIMIT_PROCESSES 2u
#define LIMIT_FILE 4u

struct exit_report {
	uint32_t code, signal, timed_out, leftovers;
	uint32_t limits; /* those that were hit */
	uint32_t zero;
	uint64_t wall_us, cpu_us;
	uint64_t max_rss; /* bytes, of the largest process that was waited for */
};

/* What the host may send of stdin before it is told that some was taken. */
#define INPUT_WINDOW (1u << 18)
#define CHUNK 32768u
/* Above this much that the host has not taken, tests are made to wait: a pipe that nobody reads. */
#define QUEUE_LIMIT (1u << 18)

/* setup.c: mounts, modules, root; does not come back where it cannot go on */
void setup_guest(void);
/* The same where virtme-ng's init has mounted everything: only what is the agent's own. */
void setup_attached(void);

/* hold.c: what the agent keeps, so that no test can take it away */
struct hold {
	int proc, dev, cgroup; /* folders: mounts over them do not hide these */
	int kmsg, sysrq, random;
};
extern struct hold hold;
void hold_on(void);
/* Writes a line to the kernel's log. */
void kernel_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says why on the console, and powers off. */
__attribute__((noreturn)) void give_up(const char *what);

/* util.c */
int64_t now_us(void);
int write_at(int dir, const char *path, const char *text);
/* The beginning of a file as text; empty where it cannot be read. */
void read_at(int dir, const char *path, char *text, size_t size);

/* port.c: the virtio-serial port, for nobody else to open (EBUSY) */
int port_open(void);

/* channel.c: frames over it */
void channel_open(void);
int channel_fd(void);
/* At most a few frames above QUEUE_LIMIT are taken; what is more is a fault of ours and dropped. */
void channel_send(uint8_t type, uint32_t id, const void *payload, size_t length);
void channel_fail(uint32_t id, const char *what);
size_t channel_queued(void);
void channel_flush(void);
/* Reads what is there and calls frame_arrived for each whole frame. */
void channel_read(void);
/* The host went away: what is on the way in either direction is forgotten. */
void channel_forget(void);
void frame_arrived(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length);

/* cgroup.c: one for each task */
struct cgroup {
	int dir; /* -1: there is none */
	uint32_t number;
};
void cgroups_start(void);
/* Whether some are to be made ahead or removed after use; and one step of that. */
int cgroups_untidy(void);
void cgroups_tidy(void);
struct cgroup cgroup_take(uint32_t max_processes);
void cgroup_give_back(struct cgroup group);
uint64_t cgroup_cpu_us(struct cgroup group);
uint32_t cgroup_processes(struct cgroup group);
int cgroup_hit_max_processes(struct cgroup group);
/* Kills every process in it, whatever session or group it moved to. */
void cgroup_kill(struct cgroup group);

/* task.c: one started program */
#define MAX_TASKS 64

struct task {
	int used;
	uint32_t id;
	uint32_t flags;
	uint32_t end_mark;
	int pid;
	int in, out, err; /* our ends; -1 where closed. A terminal has in == out */
	int exited;
	int status;
	int timed_out;
	int terminated;      /* SIGTERM was sent for the time-out */
	int64_t started_us;
	int64_t ended_us;    /* when its first process ended */
	int64_t deadline_us; /* 0: none */
	struct cgroup group;
	uint32_t leftovers;
	int leftovers_killed;
	uint32_t limits;
	uint64_t output_left; /* bytes */
	uint64_t max_rss;
	uint8_t *input; /* INPUT_WINDOW bytes; what stdin has not taken yet is from input_start to input_end */
	size_t input_start, input_end;
	int input_closing;
	uint32_t input_taken; /* not told yet */
};

extern struct task tasks[MAX_TASKS];
void task_start(uint32_t id, const uint8_t *payload, uint32_t length);
struct task *task_find(uint32_t id);
void task_signal(const struct task *task, int signal_number);
void task_reap(int pid, int status, uint64_t max_rss);
/* Time-outs, leftovers, the final report; returns the next moment at which it wants to be called, or 0. */
int64_t task_tick(struct task *task, int64_t now);

/* spawn.c: returns the process, or -1 */
int spawn(const struct task *task, const struct exec_head *head, const int child[3], const char *cwd, char **argv,
	  char **env);

/* streams.c: the program's input and output */
int streams_open(struct task *task, uint32_t rows, uint32_t columns, int child[3]);
void streams_close(struct task *task);
void streams_input(struct task *task, const uint8_t *bytes, uint32_t length);
void streams_feed(struct task *task);
void streams_resize(const struct task *task, uint32_t rows, uint32_t columns);
/* Reads once from one stream of the task and sends it on. */
void streams_drain(struct task *task, int is_err);

/* tell.c: what the guest's state is, in records */
__attribute__((noreturn)) void tell_surroundings(int fd);

/* surroundings.c: a child tells them, so that no file that hangs can hold the agent */
void surroundings_start(uint32_t id, uint32_t timeout_ms);
int surroundings_fd(void);
void surroundings_drain(void);
void surroundings_reap(int pid);
int64_t surroundings_tick(int64_t now);

/* refresh.c: clock and random numbers of a guest that comes out of a snapshot */
int refresh(const uint8_t *payload, uint32_t length);

#endif
