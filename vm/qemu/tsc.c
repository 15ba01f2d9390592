// SPDX-License-Identifier: GPL-2.0-only
/* Prints the rate of this machine's time stamp counter in kHz, as any process sees it; see tsc.ts. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

/* Two of them must agree: a counter that was moved in between shows. */
static const struct timespec interval = { .tv_nsec = 100 * 1000 * 1000 };
static const double agreement = 20e-6;

struct moment {
	double ns;
	uint64_t ticks;
};

/* CLOCK_MONOTONIC, from which QEMU derives all other clocks of a guest. */
static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1e9 + at.tv_nsec;
}

/* Of many readings the one with the least between the clock's two: nobody interrupted it. */
static struct moment read_both(void)
{
	struct moment best = { 0 };
	double least = 1e18;

	for (int i = 0; i < 1000; i++) {
		double before = now();
		uint64_t ticks = __rdtsc();
		double after = now();

		if (after - before < least) {
			least = after - before;
			best = (struct moment){ .ns = (before + after) / 2, .ticks = ticks };
		}
	}
	return best;
}

static double rate(struct moment from, struct moment to)
{
	return (to.ticks - from.ticks) * 1e6 / (to.ns - from.ns);
}

int main(void)
{
	for (int attempt = 0; attempt < 5; attempt++) {
		struct moment at[3] = { read_both() };

		for (int i = 1; i < 3; i++) {
			nanosleep(&interval, NULL);
			at[i] = read_both();
		}

		double one = rate(at[0], at[1]), two = rate(at[1], at[2]);

		if (one < two * (1 + agreement) && two < one * (1 + agreement)) {
			printf("%.0f\n", rate(at[0], at[2]));
			return 0;
		}
	}
	fputs("the time stamp counter has no steady rate\n", stderr);
	return 1;
}
