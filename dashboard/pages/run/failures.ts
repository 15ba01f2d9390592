// SPDX-License-Identifier: GPL-2.0-only
import type { SubtestResult, TestResult } from '../../../results/store/types.ts';
import { isBad } from '../../../results/words.ts';
import { severity } from '../../show/outcome.ts';

/** How run_kselftest.sh and our own command line name a test. */
export function testName(test: { collection: string; name: string }): string {
  return `${test.collection}:${test.name}`;
}

/** The last attempt of each test: the one that counts. In the order of the tests. */
export function lastAttempts(results: readonly TestResult[]): TestResult[] {
  const last = new Map<string, TestResult>();
  for (const test of results) {
    const known = last.get(testName(test));
    if (!known || test.attempt >= known.attempt) last.set(testName(test), test);
  }
  return [...last.values()];
}

export function badSubtests(test: TestResult): SubtestResult[] {
  return test.subtests.filter((subtest) => isBad(subtest.outcome));
}

/** A test that passes although one of its subtests did not is as bad as that subtest. */
export function needsLook(test: TestResult): boolean {
  return isBad(test.outcome) || badSubtests(test).length > 0;
}

/** What a maintainer has to look at, worst first. */
export function failures(results: readonly TestResult[]): TestResult[] {
  return lastAttempts(results)
    .filter(needsLook)
    .sort((a, b) => severity(a.outcome) - severity(b.outcome));
}
