// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import { aRun, aTest, dayMs, morning, scratch } from '../test-support.ts';
import type { CrashSighting } from '../types.ts';

const sighting = (change: Partial<CrashSighting> = {}): CrashSighting => ({
  ...{ signature: '0123456789abcdef', kind: 'warn', title: 'WARNING in foo', frames: ['foo', 'bar'] },
  ...{ line: 3, fatal: false },
  ...change,
});

test('what the kernel reported comes back with its test, and over all runs', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  onTestFinished(() => store.close());
  const other = sighting({ signature: 'f'.repeat(16), kind: 'panic', title: 'kernel panic: x', fatal: true });
  for (const [day, crashes] of [[sighting(), sighting({ line: 40 }), other], [sighting()]].entries()) {
    const run = aRun({ startedAt: morning + day * dayMs });
    const { id } = await store.startRun(run);
    const test = aTest({ outcome: 'fail', crashes });
    await store.addTest(run.uuid, test);
    await store.addTest(run.uuid, test);
    expect((await store.run(id))!.results[0]!.crashes).toEqual(crashes);
  }
  const same = {
    signature: '0123456789abcdef',
    kind: 'warn',
    title: 'WARNING in foo',
    frames: ['foo', 'bar'],
  };
  expect(await store.crashes(10)).toEqual([
    { ...same, occurrences: 3, runs: 2, firstSeen: morning, lastSeen: morning + dayMs, lastRun: 2 },
    expect.objectContaining({ title: 'kernel panic: x', occurrences: 1, runs: 1, lastRun: 1 }),
  ]);
  expect(await store.crashes(1)).toHaveLength(1);
});

test('one that warns for ever is bounded', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  onTestFinished(() => store.close());
  const run = aRun();
  const { id } = await store.startRun(run);
  await store.addTest(
    run.uuid,
    aTest({ crashes: Array.from({ length: 500 }, (_, i) => sighting({ line: i })) }),
  );
  expect((await store.run(id))!.results[0]!.crashes).toHaveLength(200);
});
