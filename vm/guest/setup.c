// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the initramfs to a complete system without systemd or udev: modules, the layers (erofs images on
 * virtio-blk, read-only, shared between guests) below one tmpfs overlay, and the file systems that
 * selftests expect.
 */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONSOLE_LEVEL_DEBUG 8
#define SYSLOG_ACTION_CONSOLE_LEVEL 8

static void must_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)
{
	mkdir(target, 0755);
	if (mount(source, target, type, flags, data) && errno != EBUSY) {
		char what[256];

		snprintf(what, sizeof(what), "mounting %s (%s) on %s", source, type, target);
		give_up(what);
	}
}

static void may_mount(const char *type, const char *target, unsigned long flags, const char *data)
{
	mkdir(target, 0755);
	mount(type, target, type, flags, data); /* the kernel may lack it; the test that needs it will say so */
}

/* /modules/order: one path a line, dependencies first. The kernel itself undoes no compression here. */
static void load_modules(void)
{
	char path[256];
	FILE *order = fopen("/modules/order", "re");

	while (order && fgets(path, sizeof(path), order)) {
		int fd;

		path[strcspn(path, "\n")] = 0;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)) {
			char what[300];

			snprintf(what, sizeof(what), "loading %s", path);
			give_up(what);
		}
		close(fd);
	}
	if (order)
		fclose(order);
}

/* Mounts /dev/vda, /dev/vdb, … and puts the last one on top. */
static void assemble_root(void)
{
	char lower[512] = "";
	char options[700];
	int layers = 0;

	for (char disk = 'a'; disk <= 'h'; disk++, layers++) {
		char device[16], target[16], joined[sizeof(lower)];
		size_t length = strlen(lower);

		snprintf(device, sizeof(device), "/dev/vd%c", disk);
		if (access(device, F_OK))
			break;
		snprintf(target, sizeof(target), "/layer-%c", disk);
		must_mount(device, target, "erofs", MS_RDONLY, NULL);
		memcpy(joined, lower, length + 1);
		snprintf(lower, sizeof(lower), "%s%s%.400s", target, length ? ":" : "", joined); /* 8 × 9 bytes at most */
	}
	if (!layers)
		give_up("no layer on /dev/vda: the root file system's image is missing");
	must_mount("tmpfs", "/top", "tmpfs", 0, "size=75%,mode=755");
	mkdir("/top/upper", 0755);
	mkdir("/top/work", 0755);
	mkdir("/sysroot", 0755);
	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=/top/upper,workdir=/top/work", lower);
	must_mount("overlay", "/sysroot", "overlay", 0, options);
}

static void enter_root(void)
{
	must_mount("/dev", "/sysroot/dev", NULL, MS_MOVE, NULL);
	must_mount("/proc", "/sysroot/proc", NULL, MS_MOVE, NULL);
	must_mount("/sys", "/sysroot/sys", NULL, MS_MOVE, NULL);
	if (chdir("/sysroot") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		give_up("entering the root file system");
}

static void mount_the_rest(void)
{
	may_mount("devpts", "/dev/pts", 0, "mode=620,ptmxmode=666");
	may_mount("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, NULL);
	may_mount("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755");
	may_mount("tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
	may_mount("cgroup2", "/sys/fs/cgroup", 0, NULL);
	may_mount("debugfs", "/sys/kernel/debug", 0, NULL);
	may_mount("tracefs", "/sys/kernel/tracing", 0, NULL);
	may_mount("securityfs", "/sys/kernel/security", 0, NULL);
	may_mount("bpf", "/sys/fs/bpf", 0, NULL);
	/* As `ip netns add` would do at its first call, and leave behind. */
	mkdir("/run/netns", 0755);
	if (!mount("/run/netns", "/run/netns", NULL, MS_BIND, NULL))
		mount(NULL, "/run/netns", NULL, MS_SHARED | MS_REC, NULL);
	if (symlink("/proc/self/fd", "/dev/fd") || symlink("/proc/self/fd/0", "/dev/stdin") ||
	    symlink("/proc/self/fd/1", "/dev/stdout") || symlink("/proc/self/fd/2", "/dev/stderr")) {
		/* devtmpfs of some kernels has them already */
	}
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (!ioctl(fd, SIOCGIFFLAGS, &request)) {
		request.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &request);
	}
	close(fd);
}

void setup_guest(void)
{
	struct rlimit files = { 65536, 65536 };

	umask(022);
	must_mount("devtmpfs", "/dev", "devtmpfs", 0, "mode=755");
	must_mount("proc", "/proc", "proc", 0, NULL);
	must_mount("sysfs", "/sys", "sysfs", 0, NULL);
	load_modules();
	assemble_root();
	enter_root();
	mount_the_rest();
	loopback_up();
	if (sethostname("multitap", 8))
		kernel_log("the host name could not be set");
	setrlimit(RLIMIT_NOFILE, &files);
	hold_on();
	cgroups_start();
	/* Booting was quiet, since every byte on the serial port costs time; tests are listened to in full. */
	klogctl(SYSLOG_ACTION_CONSOLE_LEVEL, NULL, CONSOLE_LEVEL_DEBUG - 1);
}

void setup_attached(void)
{
	struct rlimit files = { 65536, 65536 };
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	umask(022);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (fd >= 0) {
		if (write(fd, "-1000", 5) < 0) { /* as it was */ }
		close(fd);
	}
	setrlimit(RLIMIT_NOFILE, &files);
	hold_on();
	cgroups_start();
	klogctl(SYSLOG_ACTION_CONSOLE_LEVEL, NULL, CONSOLE_LEVEL_DEBUG - 1);
}
