// SPDX-License-Identifier: GPL-2.0-only
/* The way from the agent to a program: what a child gets, and what it must not inherit. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's default, which a child of a real-time process does not get by itself (Linux 6.12 and later). */
#define TIMER_SLACK_NS 50000UL

/* An agent that is not PID 1 is protected from the OOM killer by its score, which a child inherits. */
static void oom_eligible(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) < 0) { /* as it was */ }
	close(fd);
}

__attribute__((noreturn)) static void run_child(const struct exec_head *head, const int child[3], const char *cwd,
						char **argv, char **env, int is_init)
{
	struct rlimit file = { head->max_file, head->max_file };
	sigset_t none;

	if (!is_init)
		oom_eligible();
	setsid();
	if (head->flags & EXEC_PTY)
		ioctl(child[0], TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(child[fd], fd);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
	if (head->max_file)
		setrlimit(RLIMIT_FSIZE, &file);
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

/*
 * A child that is born in its cgroup (Linux 5.7 and later): moving it there afterwards waits for a grace period
 * of RCU, which under TCG is as long as all the rest.
 */
static int fork_into(struct cgroup group)
{
	struct clone_args arguments = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)group.dir,
	};
	int pid = group.dir < 0 ? -1 : (int)syscall(SYS_clone3, &arguments, sizeof(arguments));

	if (pid >= 0)
		return pid;
	pid = fork();
	if (pid == 0)
		write_at(group.dir, "cgroup.procs", "0");
	return pid;
}

int spawn(const struct task *task, const struct exec_head *head, const int child[3], const char *cwd, char **argv,
	  char **env)
{
	int is_init = getpid() == 1, pid = fork_into(task->group);

	if (pid == 0)
		run_child(head, child, cwd, argv, env, is_init);
	return pid;
}
