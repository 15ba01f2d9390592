// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../store/types.ts';
import { isBad, type Outcome } from '../words.ts';
import { type ImportEvent, note } from './import.ts';

/** What says most about the kernel first. A skip says least: what else is told of the same test goes before it. */
const ranks: readonly Outcome[] = [
  ...(['crash', 'fail', 'timeout', 'xpass', 'error', 'missing'] as const),
  ...(['pass', 'xfail', 'skip'] as const),
];

/** The worse of several, so that nothing that failed is lost where a source says two things of one test. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  return ranks.find((outcome) => outcomes.includes(outcome))!;
}

/**
 * A test that says that all is well although one of its subtests failed: the worse of both counts, its own word is in
 * the message, and a note tells it.
 */
export function agreed(tests: readonly TestReport[][]): { tests: TestReport[][]; notes: ImportEvent[] } {
  const notes: ImportEvent[] = [];
  const agree = (test: TestReport): TestReport => {
    const bad = test.subtests.map(({ outcome }) => outcome).filter(isBad);
    if (isBad(test.outcome) || bad.length === 0) return test;
    const outcome = worst(bad);
    const place = [test.collection, test.name].filter(Boolean).join(': ').slice(0, 200);
    notes.push(
      note(place, `says ${test.outcome}, and ${bad.length} of its subtests failed: stored as ${outcome}`),
    );
    const own = `the test itself: ${test.outcome}`;
    return { ...test, outcome, message: [own, test.message].filter(Boolean).join('\n') };
  };
  return { tests: tests.map((attempts) => attempts.map(agree)), notes };
}
