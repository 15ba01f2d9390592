// SPDX-License-Identifier: GPL-2.0-only

/**
 * What one execution of a test or subtest came to.
 *
 * `missing`: planned but never reported. `error`: our infrastructure, never held against the kernel.
 * The index in this list is the number that the store keeps: append, never reorder.
 */
export const outcomes = [
  'pass',
  'fail',
  'skip',
  'xfail',
  'xpass',
  'timeout',
  'crash',
  'missing',
  'error',
] as const;

export type Outcome = (typeof outcomes)[number];

/** The outcomes that a maintainer has to look at. A `skip` or an expected failure is not one of them. */
export const badOutcomes: readonly Outcome[] = ['fail', 'xpass', 'timeout', 'crash', 'missing', 'error'];

export function isBad(outcome: Outcome): boolean {
  return outcome !== 'pass' && badOutcomes.includes(outcome);
}

/** How many results came to what. */
export type Counts = Record<Outcome, number>;

export function noCounts(): Counts {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Counts;
}

export function countOutcomes(list: Iterable<Outcome>): Counts {
  const counts = noCounts();
  for (const outcome of list) counts[outcome]++;
  return counts;
}
