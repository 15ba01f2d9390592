// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test, vi } from 'vitest';
import { aTest } from '../../results/store/test-support.ts';
import type { Outcome } from '../../results/words.ts';
import { kselftest } from '../suites/kselftest.ts';
import { loopQueue, type Queue, testQueue } from './queue.ts';

const planned = (name: string, expectedSeconds: number) =>
  kselftest('own', name, { timeoutS: 60, seconds: expectedSeconds });
const names = (queue: Queue) => {
  const found: string[] = [];
  for (let job = queue.take(); job; job = queue.take()) found.push(`${job.test.name} ${job.attempt}`);
  return found;
};
const came = (outcome: Outcome) => aTest({ outcome });

describe('a queue of tests', () => {
  test('begins with the longest, and keeps the order of equals', () => {
    const queue = testQueue([planned('a', 5), planned('long', 100), planned('b', 5), planned('c', 60)], 0);
    expect(queue.isEmpty).toBe(false);
    expect(names(queue)).toEqual(['long 1', 'c 1', 'a 1', 'b 1']);
    expect(queue.isEmpty).toBe(true);
  });

  test.each<[Outcome, boolean]>([
    ['pass', false],
    ['skip', false],
    ['xfail', false],
    ['fail', true],
    ['timeout', true],
    ['crash', true],
    ['error', true],
  ])('%s: tried again is %s', (outcome, again) => {
    const one = planned('a', 5);
    const queue = testQueue([one], 1);
    expect(queue.ended(queue.take()!, came(outcome))).toBe(again);
    const job = queue.take();
    expect(job).toEqual(again ? { test: one, attempt: 2, fresh: true } : undefined);
    if (job) expect(queue.ended(job, came(outcome))).toBe(false);
    expect(queue.isEmpty).toBe(true);
  });

  test('a failing subtest of a test that passed counts as well', () => {
    const queue = testQueue([planned('a', 5)], 1);
    const subtest = {
      name: 's',
      outcome: 'fail' as const,
      durationMs: 1,
      line: 1,
      markedFlaky: false,
      message: '',
    };
    expect(queue.ended(queue.take()!, aTest({ outcome: 'pass', subtests: [subtest] }))).toBe(true);
  });

  test('a retry takes its place by its length', () => {
    const queue = testQueue([planned('long', 100), planned('c', 60), planned('d', 200)], 2);
    expect(queue.ended(queue.take()!, came('pass'))).toBe(false);
    expect(queue.ended(queue.take()!, came('fail'))).toBe(true);
    expect(names(queue)).toEqual(['long 2', 'c 1']);
  });
});

describe('a loop', () => {
  const limits = { times: null, untilFailure: false, until: null };

  test('makes so many attempts', () => {
    expect(names(loopQueue(planned('a', 1), { ...limits, times: 3 }))).toEqual(['a 1', 'a 2', 'a 3']);
  });

  test('ends at the first failure, where that is wanted', () => {
    const queue = loopQueue(planned('a', 1), { ...limits, untilFailure: true });
    for (const outcome of ['pass', 'skip', 'error'] as const) queue.ended(queue.take()!, came(outcome));
    expect(queue.isEmpty).toBe(false);
    queue.ended(queue.take()!, came('timeout'));
    expect(queue.isEmpty).toBe(true);
    expect(queue.take()).toBeUndefined();
  });

  test('begins nothing after its time', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const queue = loopQueue(planned('a', 1), { ...limits, until: Date.now() + 60_000 });
    expect(queue.take()).toMatchObject({ attempt: 1 });
    vi.setSystemTime(Date.now() + 60_000);
    expect(queue.isEmpty).toBe(true);
    vi.useRealTimers();
  });
});
