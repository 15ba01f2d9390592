// SPDX-License-Identifier: GPL-2.0-only
import type { TestResult } from '../../../results/store/types.ts';
import { countOutcomes, isBad } from '../../../results/words.ts';
import { runUrl } from '../../show/links.ts';
import { byteSize } from '../../show/size.ts';
import { lastAttempts, needsLook, testName } from './failures.ts';
import type { RunPage } from './query.ts';

/** One test with thousands of subtests (BPF's are such) must not make the page of all tests slow. */
const subtestsShown = 400;

/** Gives for each test of a run what the page shows of it. */
export function rowMaker(run: RunPage): (test: TestResult) => ReturnType<typeof testRow> {
  const last = new Set(lastAttempts(run.results));
  const attempts = Map.groupBy(run.results, testName);
  // One test alone is shown whole: that is what its link is for.
  const limit = run.test === null ? subtestsShown : Number.POSITIVE_INFINITY;
  return (test) => {
    const retried = test.attempt > 1 || attempts.get(testName(test))!.length > 1;
    return testRow(test, { run, limit, retried, isLast: last.has(test) });
  };
}

interface Place {
  run: RunPage;
  limit: number;
  retried: boolean;
  isLast: boolean;
}

function testRow(test: TestResult, { run, limit, retried, isLast }: Place) {
  // Never hide a bad one behind the limit.
  const subtests = test.subtests.filter((subtest, index) => index < limit || isBad(subtest.outcome));
  const reported = test.outcome !== 'missing';
  // A whole test is rarely skipped, and why is all that there is to know of it.
  const skipped = test.outcome === 'skip' && test.subtests.length === 0;
  return {
    ...test,
    subtests,
    total: test.subtests.length,
    hidden: test.subtests.length - subtests.length,
    wholeUrl: `${runUrl(run.id)}?test=${encodeURIComponent(testName(test))}`,
    counts: countOutcomes(test.subtests.map((subtest) => subtest.outcome)),
    anchor: isLast ? `t${test.series}` : null,
    attemptOf: retried ? `attempt ${test.attempt}` : null,
    ended: test.signal ?? (test.exitCode === null ? null : String(test.exitCode)),
    ran: test.durationMs !== null || test.logs.length > 0,
    open: needsLook(test) || skipped || run.test !== null || run.results.length === 1,
    logs: test.logs.map((log) => ({ ...log, size: byteSize(log.bytes) })),
    outputHash: test.logs.find((log) => log.kind === 'output')?.hash ?? null,
    foldable: test.subtests.length > 0 || test.problems.length > 0 || (reported && test.message !== ''),
  };
}
