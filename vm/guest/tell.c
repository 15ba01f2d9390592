// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a test could have left behind, beside files. Records, each NUL-ended, begin with a letter:
 *   p PID COMM · n NETNS · m TYPE TARGET · k MODULE · l DEVICE up|down mtu MTU · s SYSCTL=VALUE · t TAINT · e (the end)
 */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define VALUE_MAX 1024
#define DEPTH_MAX 12
#define PF_KTHREAD 0x00200000ul /* include/linux/sched.h */

static FILE *out;

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(out, format, arguments);
	va_end(arguments);
	putc(0, out);
}

static FILE *open_file(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file && fd >= 0)
		close(fd);
	return file;
}

static DIR *open_folder(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (!folder && fd >= 0)
		close(fd);
	return folder;
}

/* proc(5), PID/stat: the name may hold blanks and parentheses; what follows the last one is in fields. */
static void tell_process(const char *pid)
{
	char path[32], text[512], state;
	unsigned long flags;
	char *comm, *end;

	snprintf(path, sizeof(path), "%.10s/stat", pid);
	read_at(hold.proc, path, text, sizeof(text));
	comm = strchr(text, '(');
	end = strrchr(text, ')');
	if (!comm || !end || sscanf(end + 1, " %c %*d %*d %*d %*d %*d %lu", &state, &flags) != 2)
		return;
	*end = 0;
	if (!(flags & PF_KTHREAD) && state != 'Z' && state != 'X')
		tell("p%s %s", pid, comm + 1);
}

static void tell_processes(void)
{
	DIR *proc = open_folder(hold.proc, ".");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		int pid = atoi(entry->d_name);

		if (pid > 1 && pid != getpid())
			tell_process(entry->d_name);
	}
	if (proc)
		closedir(proc);
}

static void tell_namespaces(void)
{
	DIR *folder = open_folder(AT_FDCWD, "/run/netns");
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			tell("n%s", entry->d_name);
	if (folder)
		closedir(folder);
}

/* proc(5), PID/mountinfo: "36 35 98:0 /root /target options [tags] - type source options" */
static void tell_mounts(void)
{
	FILE *file = open_file(hold.proc, "self/mountinfo");
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		char *separator = strstr(line, " - "), *type, *target = NULL, *rest = line;

		if (!separator)
			continue;
		*separator = 0;
		type = strtok(separator + 3, " ");
		for (int field = 0; field < 5; field++)
			target = strsep(&rest, " ");
		if (type && target)
			tell("m%s %.400s", type, target);
	}
	free(line);
	if (file)
		fclose(file);
}

static void tell_modules(void)
{
	FILE *file = open_file(hold.proc, "modules");
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		if (line[strcspn(line, " \n")])
			tell("k%.*s", (int)strcspn(line, " \n"), line);
	if (file)
		fclose(file);
}

static void tell_links(void)
{
	struct if_nameindex *links = if_nameindex();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (struct if_nameindex *link = links; fd >= 0 && link && link->if_name; link++) {
		struct ifreq request = { 0 };
		int up;

		snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", link->if_name);
		up = !ioctl(fd, SIOCGIFFLAGS, &request) && request.ifr_flags & IFF_UP;
		if (!ioctl(fd, SIOCGIFMTU, &request))
			tell("l%s %s mtu %d", link->if_name, up ? "up" : "down", request.ifr_mtu);
	}
}

/* What must not be read, what is another file system's, and devices' own settings, which go with the device. */
static int skipped(const char *path, const char *name)
{
	const char *parent = strrchr(path, '/');

	if (!strcmp(path, "fs") && !strcmp(name, "binfmt_misc"))
		return 1;
	if (!strcmp(path, "vm") && !strcmp(name, "stat_refresh"))
		return 1; /* waits for every processor */
	return !strncmp(path, "net/", 4) && (!strcmp(parent, "/conf") || !strcmp(parent, "/neigh")) &&
	       strcmp(name, "all") && strcmp(name, "default");
}

static void tell_sysctl(int dir, const char *path, const char *name)
{
	char value[VALUE_MAX];
	size_t length;

	read_at(dir, name, value, sizeof(value));
	length = strlen(value);
	while (length && value[length - 1] == '\n')
		value[--length] = 0;
	tell("s%s%s%s=%s", path, *path ? "/" : "", name, value);
}

static void tell_sysctls(int parent, const char *folder, const char *path, int depth)
{
	DIR *entries = depth < DEPTH_MAX ? open_folder(parent, folder) : NULL;
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		char below[512];

		if (entry->d_name[0] == '.' || skipped(path, entry->d_name))
			continue;
		if (entry->d_type != DT_DIR) {
			tell_sysctl(dirfd(entries), path, entry->d_name);
			continue;
		}
		snprintf(below, sizeof(below), "%s%s%.200s", path, *path ? "/" : "", entry->d_name);
		tell_sysctls(dirfd(entries), entry->d_name, below, depth + 1);
	}
	if (entries)
		closedir(entries);
}

void tell_surroundings(int fd)
{
	char taint[32];

	signal(SIGPIPE, SIG_DFL);
	out = fdopen(fd, "w");
	if (!out)
		_exit(1);
	tell_processes();
	tell_namespaces();
	tell_mounts();
	tell_modules();
	tell_links();
	tell_sysctls(hold.proc, "sys", "", 0);
	read_at(hold.proc, "sys/kernel/tainted", taint, sizeof(taint));
	tell("t%.*s", (int)strcspn(taint, "\n"), taint);
	tell("e");
	fflush(out);
	_exit(0);
}
