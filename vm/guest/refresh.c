// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that come out of one snapshot have the same random numbers before them, and the time of the snapshot:
 * the host gives each a seed and the time of day.
 */
#include "agent.h"

#include <errno.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#define SEED_MIN 32u
#define SEED_MAX 256u

struct refresh_head {
	uint64_t time_us; /* CLOCK_REALTIME */
	uint32_t instance;
} __attribute__((packed));

static int set_time(uint64_t time_us)
{
	struct timespec now = { .tv_sec = (time_t)(time_us / 1000000), .tv_nsec = (long)(time_us % 1000000) * 1000 };

	return clock_settime(CLOCK_REALTIME, &now);
}

/* Credited, and taken up at once: by itself the kernel would take it up within five minutes (drivers/char/random.c). */
static int reseed(uint32_t instance, const uint8_t *seed, uint32_t length)
{
	struct {
		int entropy_bits;
		int bytes;
		uint8_t seed[SEED_MAX + sizeof(instance)];
	} pool = { .entropy_bits = (int)length * 8, .bytes = (int)(length + sizeof(instance)) };

	memcpy(pool.seed, seed, length);
	memcpy(pool.seed + length, &instance, sizeof(instance));
	if (ioctl(hold.random, RNDADDENTROPY, &pool))
		return -1;
	return ioctl(hold.random, RNDRESEEDCRNG);
}

int refresh(const uint8_t *payload, uint32_t length)
{
	struct refresh_head head;

	errno = EINVAL;
	if (length < sizeof(head) + SEED_MIN || length > sizeof(head) + SEED_MAX)
		return -1;
	memcpy(&head, payload, sizeof(head));
	return set_time(head.time_us) || reseed(head.instance, payload + sizeof(head), length - sizeof(head)) ? -1 : 0;
}
