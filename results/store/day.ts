// SPDX-License-Identifier: GPL-2.0-only

/** The UTC day, counted from 1970, of a time in milliseconds since the epoch. */
export function dayOf(time: number): number {
  return Math.floor(time / 86_400_000);
}
