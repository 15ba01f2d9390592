// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import type { Outcome } from '../../words.ts';
import { openStore } from '../index.ts';
import { aRun, aTest, scratch } from '../test-support.ts';

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
