// SPDX-License-Identifier: GPL-2.0-only
import { glyphs } from '../../results/glyphs.ts';
import { type Counts, isBad, type Outcome, outcomes } from '../../results/words.ts';

/** What each outcome means, for titles and the legend. */
const meanings: Record<Outcome, string> = {
  pass: 'passed',
  fail: 'failed',
  skip: 'skipped by the test itself',
  xfail: 'failed, as its author expects',
  xpass: 'passed, though its author expects a failure',
  timeout: 'took too long and was stopped',
  crash: 'the kernel crashed during it',
  missing: 'planned, but never reported',
  error: "our infrastructure failed: not the kernel's fault",
};

// U+FE0E asks for the text form: some systems would draw a coloured emoji skull.
export function glyphOf(outcome: Outcome): string {
  return outcome === 'crash' ? `${glyphs[outcome]}\uFE0E` : glyphs[outcome];
}

export function meaningOf(outcome: Outcome): string {
  return meanings[outcome];
}

export const legend = outcomes.map((outcome) => ({ outcome, meaning: meanings[outcome] }));

/** The worst first: what a reader has to look at before anything else. */
const bySeverity: readonly Outcome[] = [
  'crash',
  'fail',
  'timeout',
  'xpass',
  'error',
  'missing',
  'xfail',
  'skip',
  'pass',
];

export function severity(outcome: Outcome): number {
  return bySeverity.indexOf(outcome);
}

/** The outcomes that occurred with their numbers, bad ones first. */
export function tally(counts: Counts): { outcome: Outcome; count: number }[] {
  return bySeverity.map((outcome) => ({ outcome, count: counts[outcome] })).filter(({ count }) => count > 0);
}

export function countBad(counts: Counts): number {
  return outcomes.filter(isBad).reduce((sum, outcome) => sum + counts[outcome], 0);
}

export function countAll(counts: Counts): number {
  return outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
}

/**
 * Passes among the results that say something about the kernel: skipped, missing and our own errors do not.
 * Null where nothing does.
 */
export function passRate(counts: Counts): { passed: number; judged: number; percent: string } | null {
  const judged = countAll(counts) - counts.skip - counts.missing - counts.error;
  if (judged === 0) return null;
  const passed = counts.pass + counts.xfail;
  const percent = (100 * passed) / judged;
  // 999 of 1000 is not 100 %: the one failure is what matters.
  const shown = passed < judged ? Math.min(percent, 99.9) : 100;
  return { passed, judged, percent: shown % 1 === 0 ? String(shown) : shown.toFixed(1) };
}
