// SPDX-License-Identifier: GPL-2.0-only

/** The run that began last of those that say something of a series, and what it came to there. */
export interface Newest {
  run: number;
  /** When it began. */
  at: number;
  /** As in `codes.ts`. */
  outcome: number;
}

/** The one of the run that began later; of runs that began at once, the one that was recorded later. */
export function newestOf(one: Newest | undefined, other: Newest): Newest {
  if (!one) return other;
  return other.at > one.at || (other.at === one.at && other.run > one.run) ? other : one;
}
