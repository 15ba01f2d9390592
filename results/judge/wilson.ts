// SPDX-License-Identifier: GPL-2.0-only

/** The normal distribution's 97.5 % point. */
const Z = 1.959_963_984_540_054;

/**
 * The 95 % interval that is shown with any rate: the rates that are less than 1.96 standard deviations of their own
 * away from `events` of `n` (Wilson, JASA 1927). Both ends are within 0 and 1; all of it where nothing was tried.
 */
export function wilsonInterval(events: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const rate = events / n;
  const middle = (rate + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((rate * (1 - rate)) / n + Z ** 2 / (4 * n ** 2));
  return [events === 0 ? 0 : middle - half, events === n ? 1 : middle + half];
}
