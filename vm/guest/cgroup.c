// SPDX-License-Identifier: GPL-2.0-only
/* One control group (version 2) for each started program: what it left behind is known, counted and ended. */
#include "agent.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void cgroup_path(const struct task *task, const char *file, char *path, size_t size)
{
	snprintf(path, size, "/sys/fs/cgroup/multitap.%u%s", task->id, file);
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* The beginning of a file of the task's group; empty where it cannot be read. */
static void read_file(const struct task *task, const char *file, char *text, size_t size)
{
	char path[128];
	ssize_t n = -1;
	int fd;

	cgroup_path(task, file, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, size - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = 0;
}

uint64_t cgroup_cpu_us(const struct task *task)
{
	char text[256];

	read_file(task, "/cpu.stat", text, sizeof(text));
	return strncmp(text, "usage_usec ", 11) ? 0 : strtoull(text + 11, NULL, 10);
}

/* Those in groups that the test made below its own count as one: only that there are some is known. */
static int populated(const struct task *task)
{
	char text[256];

	read_file(task, "/cgroup.events", text, sizeof(text));
	return strstr(text, "populated 1") != NULL;
}

uint32_t cgroup_processes(const struct task *task)
{
	char path[128], line[32];
	uint32_t count = 0;
	FILE *file;

	cgroup_path(task, "/cgroup.procs", path, sizeof(path));
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		count++;
	if (file)
		fclose(file);
	return count || !populated(task) ? count : 1;
}

void cgroup_kill(const struct task *task)
{
	char path[128];

	cgroup_path(task, "/cgroup.kill", path, sizeof(path)); /* Linux 5.14 and later */
	if (write_file(path, "1") && task->pid > 0)
		kill(-task->pid, SIGKILL);
}

void cgroup_make(const struct task *task)
{
	char path[128];

	cgroup_path(task, "", path, sizeof(path));
	mkdir(path, 0755);
}

void cgroup_join(const struct task *task)
{
	char path[128], text[32];

	cgroup_path(task, "/cgroup.procs", path, sizeof(path));
	snprintf(text, sizeof(text), "%d", getpid());
	write_file(path, text);
}

void cgroup_remove(const struct task *task)
{
	char path[128];

	cgroup_path(task, "", path, sizeof(path));
	rmdir(path); /* stays where the test made cgroups below it: harmless */
}
