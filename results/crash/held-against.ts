// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../words.ts';

// What a fault of the kernel does to the verdict on the test that ran, live or in a log that is imported.

/** So many titles say enough; the rest is in the list of crashes. */
const maxTold = 5;

/** Whether an outcome says that all is well, which a kernel that reports a fault of its own contradicts. */
export function isContradicted(outcome: Outcome): boolean {
  return outcome === 'pass' || outcome === 'skip' || outcome === 'xfail';
}

/** Each title once, in the order in which they came. */
export function titles(reports: readonly { title: string }[]): string[] {
  const all = [...new Set(reports.map(({ title }) => title))];
  const left = all.length - maxTold;
  return left > 0 ? [...all.slice(0, maxTold), `… and ${left} more`] : all;
}
