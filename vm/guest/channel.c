// SPDX-License-Identifier: GPL-2.0-only
/* Frames over the virtio-serial port that is named multitap.control. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int port = -1;

static uint8_t *out_buffer;
static size_t out_start, out_end, out_size;

static uint8_t in_buffer[FRAME_HEADER + FRAME_MAX];
static size_t in_length;

/* Without udev there are no names below /dev: sysfs tells which port is which. */
static int find_port(char *path, size_t size)
{
	DIR *ports = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	int found = 0;

	while (ports && !found && (entry = readdir(ports))) {
		char name_path[300], name[64] = "";
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name_path, sizeof(name_path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		fd = open(name_path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, name, sizeof(name) - 1) > 0 && !strncmp(name, "multitap.control", 16)) {
			snprintf(path, size, "/dev/%s", entry->d_name);
			found = 1;
		}
		close(fd);
	}
	if (ports)
		closedir(ports);
	return found;
}

void channel_open(void)
{
	char path[300];

	for (int tries = 0; tries < 1000; tries++) {
		if (find_port(path, sizeof(path)))
			port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (port >= 0)
			return;
		usleep(10000);
	}
	give_up("no virtio-serial port named multitap.control (is CONFIG_VIRTIO_CONSOLE built in or loaded?)");
}

int channel_fd(void)
{
	return port;
}

size_t channel_queued(void)
{
	return out_end - out_start;
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value)); /* x86-64 and arm64 guests are little endian, as the wire is */
}

static void reserve(size_t more)
{
	if (out_end + more <= out_size)
		return;
	memmove(out_buffer, out_buffer + out_start, out_end - out_start);
	out_end -= out_start;
	out_start = 0;
	while (out_end + more > out_size)
		out_size = out_size ? out_size * 2 : 1 << 18;
	out_buffer = realloc(out_buffer, out_size);
	if (!out_buffer)
		give_up("out of memory in the agent");
}

void channel_send(uint8_t type, uint32_t id, const void *payload, size_t length)
{
	reserve(FRAME_HEADER + length);
	put32(out_buffer + out_end, (uint32_t)length);
	put32(out_buffer + out_end + 4, id);
	put32(out_buffer + out_end + 8, type);
	if (length)
		memcpy(out_buffer + out_end + FRAME_HEADER, payload, length);
	out_end += FRAME_HEADER + length;
	channel_flush();
}

void channel_flush(void)
{
	while (out_start < out_end) {
		ssize_t n = write(port, out_buffer + out_start, out_end - out_start);

		if (n <= 0)
			return; /* full, or the host is away: poll tells when to go on */
		out_start += (size_t)n;
	}
	out_start = out_end = 0;
}

void channel_read(void)
{
	ssize_t n = read(port, in_buffer + in_length, sizeof(in_buffer) - in_length);
	size_t at = 0;

	if (n <= 0)
		return;
	in_length += (size_t)n;
	while (in_length - at >= FRAME_HEADER) {
		uint32_t length, id;

		memcpy(&length, in_buffer + at, 4);
		memcpy(&id, in_buffer + at + 4, 4);
		if (length > FRAME_MAX)
			give_up("a frame from the host is larger than 1 MiB: the channel is out of step");
		if (in_length - at < FRAME_HEADER + length)
			break;
		frame_arrived(in_buffer[at + 8], id, in_buffer + at + FRAME_HEADER, length);
		at += FRAME_HEADER + length;
	}
	memmove(in_buffer, in_buffer + at, in_length - at);
	in_length -= at;
}
