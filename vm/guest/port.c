// SPDX-License-Identifier: GPL-2.0-only
/* The way to the host: the virtio-serial port that is named multitap.control. */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Without udev there are no names below /dev: sysfs tells which port is which. */
static int find_port(char *path, size_t size)
{
	DIR *ports = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	int found = 0;

	while (ports && !found && (entry = readdir(ports))) {
		char name_path[300], name[64];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name_path, sizeof(name_path), "%s/name", entry->d_name);
		read_at(dirfd(ports), name_path, name, sizeof(name));
		if (!strncmp(name, "multitap.control", 16)) {
			snprintf(path, size, "/dev/%s", entry->d_name);
			found = 1;
		}
	}
	if (ports)
		closedir(ports);
	return found;
}

int port_open(void)
{
	char path[300];

	for (int tries = 0; tries < 1000; tries++) {
		int port = find_port(path, sizeof(path)) ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;

		if (port >= 0)
			return port;
		usleep(10000);
	}
	give_up("no virtio-serial port named multitap.control (is CONFIG_VIRTIO_CONSOLE built in or loaded?)");
}
