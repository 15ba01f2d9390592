// SPDX-License-Identifier: GPL-2.0-only
/* Frames over the port to the host. */
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What tests print is read only below QUEUE_LIMIT; the rest is room for reports and answers. */
#define OUT_SIZE (4u * QUEUE_LIMIT)
#define PAGE 4096

static int port = -1;

/* Memory that is there from the beginning: no report may fail because a test has eaten it. */
static uint8_t out_buffer[OUT_SIZE] __attribute__((aligned(PAGE)));
static size_t out_start, out_end;

static uint8_t in_buffer[PAGE + FRAME_MAX] __attribute__((aligned(PAGE)));
static size_t in_length;

void channel_open(void)
{
	/* Children need neither: forking is cheaper without their pages. */
	madvise(out_buffer, sizeof(out_buffer), MADV_DONTFORK);
	madvise(in_buffer, sizeof(in_buffer), MADV_DONTFORK);
	port = port_open();
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

void channel_send(uint8_t type, uint32_t id, const void *payload, size_t length)
{
	if (FRAME_HEADER + length > OUT_SIZE - channel_queued()) {
		kernel_log("no room for a frame of type %c", type);
		return;
	}
	if (FRAME_HEADER + length > OUT_SIZE - out_end) {
		memmove(out_buffer, out_buffer + out_start, channel_queued());
		out_end -= out_start;
		out_start = 0;
	}
	put32(out_buffer + out_end, (uint32_t)length);
	put32(out_buffer + out_end + 4, id);
	put32(out_buffer + out_end + 8, type);
	if (length)
		memcpy(out_buffer + out_end + FRAME_HEADER, payload, length);
	out_end += FRAME_HEADER + length;
	channel_flush();
}

void channel_fail(uint32_t id, const char *what)
{
	char text[300];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));
	channel_send(FRAME_FAILED, id, text, strlen(text));
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

void channel_forget(void)
{
	out_start = out_end = in_length = 0;
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
