// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { aSubtest, aTest } from '../../results/store/test-support.ts';
import type { Outcome } from '../../results/words.ts';
import { loopCounter } from './statistics.ts';

test('nothing yet', () => {
  expect(loopCounter().now()).toMatchObject({
    ...{
      attempts: 0,
      counted: 0,
      failures: 0,
      rate: null,
      interval: [0, 1],
      meanMs: null,
      deviationMs: null,
    },
  });
});

test('failures count, our own errors and skips say nothing', () => {
  const counter = loopCounter();
  const outcomes: Outcome[] = ['pass', 'fail', 'skip', 'error', 'timeout', 'xfail', 'crash', 'pass'];
  outcomes.forEach((outcome, i) => {
    counter.add(aTest({ outcome, attempt: i + 1, durationMs: 1000 * (i + 1) }));
  });
  const now = counter.now();
  expect(now).toMatchObject({ attempts: 8, counted: 6, failures: 3, failed: [2, 5, 7], rate: 0.5 });
  expect(now.counts).toMatchObject({ pass: 2, fail: 1, skip: 1, error: 1, timeout: 1, xfail: 1, crash: 1 });
  // 1, 2, 6 and 8 s: those that came to their own end.
  expect(now.meanMs).toBeCloseTo(4250, 6);
  expect(now.deviationMs).toBeCloseTo(3304.038, 2);
});

test('a failing subtest makes the attempt a failure, as for the exit code', () => {
  const counter = loopCounter();
  counter.add(aTest({ outcome: 'pass', subtests: [aSubtest('s', { outcome: 'fail' })] }));
  expect(counter.now()).toMatchObject({ failures: 1, failed: [1] });
});
