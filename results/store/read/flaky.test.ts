// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import { aRun, aTest, dayMs, morning, scratch } from '../test-support.ts';
import type { TestReport } from '../types.ts';

const end = { state: 'complete' as const, finishedAt: morning, reason: '' };

test('a flake stands before what is always broken, and a retry does not count twice', async ({
  onTestFinished,
}) => {
  const store = await openStore(await scratch(onTestFinished));
  onTestFinished(() => store.close());
  for (let n = 0; n < 20; n++) {
    const broken = Array.from({ length: 300 }, (_, i) => aTest({ name: `broken_${i}.sh`, outcome: 'fail' }));
    const tests: TestReport[] = [
      ...broken,
      aTest({ name: 'flake.sh', outcome: n % 4 === 0 ? 'fail' : 'pass' }),
      aTest({ name: 'rarer.sh', outcome: n === 7 ? 'timeout' : 'pass' }),
      // Bad in each first attempt, and in both of two runs.
      ...[1, 2, 3].map((attempt) =>
        aTest({ name: 'retried.sh', attempt, outcome: attempt === 3 && n > 1 ? 'pass' : 'fail' }),
      ),
      aTest({ name: 'skipped.sh', outcome: n === 3 ? 'fail' : 'skip' }),
    ];
    await store.addRun(aRun({ startedAt: morning + n * dayMs }), tests, end);
  }
  const found = async (limit: number) =>
    (await store.flaky({ since: 0, limit })).map(({ test, failed, runs }) => [test, failed, runs]);
  const all = [
    ['flake.sh', 5, 20],
    ['retried.sh', 2, 20],
    ['rarer.sh', 1, 20],
  ];
  for (let limit = 0; limit < 5; limit++) expect(await found(limit)).toEqual(all.slice(0, limit));
  expect(await found(-1)).toEqual([]);
});
