// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import type { Outcome } from '../../words.ts';
import { openStore } from '../index.ts';
import { aRun, aTest, dayMs, morning, scratch } from '../test-support.ts';

test('the median of the newest, on this variant where it ran on it', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  onTestFinished(() => store.close());
  const variant = aRun().variant;
  const slow = { ...variant, accel: 'tcg' };
  const ran = async (name: string, seconds: number, change = {}, outcome: Outcome = 'pass') => {
    const run = aRun(change);
    await store.startRun(run);
    await store.addTest(run.uuid, aTest({ name, outcome, durationMs: seconds * 1000 }));
  };
  // Long ago it took an hour; the newest nine count.
  for (let i = 0; i < 5; i++) await ran('diag.sh', 3600);
  for (const seconds of [10, 12, 11, 13, 9, 10, 11, 12, 100]) await ran('diag.sh', seconds);
  // A crash ends a test before its time.
  await ran('diag.sh', 1, {}, 'crash');
  await ran('diag.sh', 80, { variant: slow });
  await ran('join.sh', 500, { variant: slow });
  await ran('join.sh', 600, { variant: slow, branch: { name: 'other' } });
  const found = async (wanted: typeof variant) =>
    Object.fromEntries(
      (await store.durations('mptcp', wanted)).map(({ name, durationMs }) => [name, durationMs]),
    );
  expect(await found(variant)).toEqual({ 'diag.sh': 11_000, 'join.sh': 550_000 });
  expect(await found(slow)).toEqual({ 'diag.sh': 80_000, 'join.sh': 550_000 });
  expect(await store.durations('bpf', variant)).toEqual([]);
});

test('what ran long ago, and on no run since, has the time that it took then', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  onTestFinished(() => store.close());
  const end = { state: 'complete' as const, finishedAt: morning, reason: '' };
  const ran = (n: number, tests: string[], change = {}) =>
    store.addRun(
      aRun({ startedAt: morning + n * dayMs, ...change }),
      tests.map((name) => aTest({ name, durationMs: 1000 * (n + 1) })),
      end,
    );
  for (let n = 0; n < 3; n++) await ran(n, ['usual.sh', 'once.sh']);
  // Elsewhere it takes longer, which does not count where it ran here.
  await ran(500, ['once.sh'], { variant: { ...aRun().variant, accel: 'tcg' } });
  for (let n = 3; n < 620; n++) await ran(n, ['usual.sh']);
  const found = await store.durations('mptcp', aRun().variant);
  expect(new Map(found.map(({ name, durationMs }) => [name, durationMs]))).toEqual(
    new Map([
      ['usual.sh', 616_000],
      ['once.sh', 2000],
    ]),
  );
});
