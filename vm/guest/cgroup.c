// SPDX-License-Identifier: GPL-2.0-only
/*
 * One control group (version 2) for each started program: what it left behind is known, counted and ended.
 * A few are made ahead and removed later, since both would be waited for.
 */
#include "agent.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AHEAD 8
#define BACK 64
/* Beyond this a guest of one or two processors only thrashes; systemd gives a service 4915 by default. */
#define MOST_PROCESSES 4096u

static struct cgroup ahead[AHEAD], back[BACK];
static int ready, returned;
static int unable; /* the kernel has no control groups, or no memory for one */
static uint32_t made, most_processes;

static void group_name(struct cgroup group, char *name, size_t size)
{
	snprintf(name, size, "multitap.%u", group.number);
}

static void limit(struct cgroup group, uint32_t processes)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", processes);
	write_at(group.dir, "pids.max", text);
}

static struct cgroup make(void)
{
	struct cgroup group = { -1, ++made };
	char name[32];

	group_name(group, name, sizeof(name));
	if (hold.cgroup >= 0 && !mkdirat(hold.cgroup, name, 0755))
		group.dir = openat(hold.cgroup, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (group.dir >= 0)
		limit(group, most_processes);
	return group;
}

static void discard(struct cgroup group)
{
	char name[32];

	if (group.dir < 0)
		return;
	close(group.dir);
	group_name(group, name, sizeof(name));
	unlinkat(hold.cgroup, name, AT_REMOVEDIR); /* stays where the test made cgroups below it: harmless */
}

/* A fork bomb must leave the agent, and the kernel, room to go on. */
static uint32_t bearable(void)
{
	char text[32];
	uint32_t threads;

	read_at(hold.proc, "sys/kernel/threads-max", text, sizeof(text));
	threads = (uint32_t)strtoul(text, NULL, 10) / 4 * 3;
	return threads && threads < MOST_PROCESSES ? threads : MOST_PROCESSES;
}

void cgroups_start(void)
{
	write_at(hold.cgroup, "cgroup.subtree_control", "+pids");
	most_processes = bearable();
	while (cgroups_untidy())
		cgroups_tidy();
}

int cgroups_untidy(void)
{
	return returned || (ready < AHEAD && !unable);
}

void cgroups_tidy(void)
{
	struct cgroup group;

	if (returned)
		return discard(back[--returned]);
	group = make();
	unable = group.dir < 0;
	if (!unable)
		ahead[ready++] = group;
}

struct cgroup cgroup_take(uint32_t max_processes)
{
	struct cgroup group = ready ? ahead[--ready] : make();

	if (max_processes)
		limit(group, max_processes);
	return group;
}

void cgroup_give_back(struct cgroup group)
{
	unable = 0;
	if (returned < BACK)
		back[returned++] = group;
	else
		discard(group);
}

uint64_t cgroup_cpu_us(struct cgroup group)
{
	char text[256];

	read_at(group.dir, "cpu.stat", text, sizeof(text));
	return strncmp(text, "usage_usec ", 11) ? 0 : strtoull(text + 11, NULL, 10);
}

/* Those in groups that the test made below its own count as one: only that there are some is known. */
static int populated(struct cgroup group)
{
	char text[256];

	read_at(group.dir, "cgroup.events", text, sizeof(text));
	return strstr(text, "populated 1") != NULL;
}

uint32_t cgroup_processes(struct cgroup group)
{
	char text[4096];
	uint32_t count = 0;
	ssize_t n;
	int fd;

	if (!populated(group))
		return 0;
	fd = openat(group.dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n; i++)
			count += text[i] == '\n';
	if (fd >= 0)
		close(fd);
	return count ? count : 1;
}

int cgroup_hit_max_processes(struct cgroup group)
{
	char text[64];

	read_at(group.dir, "pids.events", text, sizeof(text));
	return !strncmp(text, "max ", 4) && strtoul(text + 4, NULL, 10) > 0;
}

void cgroup_kill(struct cgroup group)
{
	write_at(group.dir, "cgroup.kill", "1"); /* Linux 5.14 and later */
}
