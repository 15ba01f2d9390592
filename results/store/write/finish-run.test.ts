// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import { aRun, aTest, morning, scratch } from '../test-support.ts';

const planned = ['a.sh', 'b.sh', 'c.sh', 'b.sh'].map((name) => ({ collection: 'net/mptcp', name }));

test.for(['incomplete', 'error'] as const)(
  '%s: planned tests that never ran are missing',
  async (state, context) => {
    const store = await openStore(await scratch(context.onTestFinished));
    const run = aRun({ planned });
    await store.startRun(run);
    await store.addTest(run.uuid, aTest({ name: 'b.sh' }));
    await store.finishRun(run.uuid, { state, finishedAt: morning + 60_000, reason: 'the disk was full' });

    const detail = await store.run(run.uuid);
    expect(detail).toMatchObject({ state, reason: 'the disk was full', plannedTests: 3 });
    expect(detail?.tests).toMatchObject({ pass: 1, missing: 2 });
    const message = 'planned, but never reported: the disk was full';
    expect(detail?.results).toMatchObject([
      { name: 'b.sh', outcome: 'pass' },
      { name: 'a.sh', outcome: 'missing', message, startedAt: morning + 60_000, durationMs: null, logs: [] },
      { name: 'c.sh', outcome: 'missing', message },
    ]);
    const history = await store.history(detail!.results[1]!.series, 5);
    expect(history).toMatchObject({
      counts: { missing: 1 },
      points: [{ outcome: 'missing', durationMs: null, log: null }],
    });
    await store.close();
  },
);

test('complete means that every planned test reported', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  const whole = aRun({ planned: planned.slice(0, 1) });
  await store.startRun(whole);
  await store.addTest(whole.uuid, aTest({ name: 'a.sh', outcome: 'crash' }));
  await store.finishRun(whole.uuid, { state: 'complete', finishedAt: morning, reason: '' });
  expect(await store.run(whole.uuid)).toMatchObject({ state: 'complete', reason: '', finishedAt: morning });

  const holes = aRun({ planned });
  await store.startRun(holes);
  await store.finishRun(holes.uuid, { state: 'complete', finishedAt: morning, reason: '' });
  expect(await store.run(holes.uuid)).toMatchObject({
    ...{ state: 'incomplete', reason: 'planned tests that never reported: 3' },
    tests: { missing: 3 },
  });
  await store.close();
});

test('a run that is not there', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  const end = { state: 'complete', finishedAt: 1, reason: '' } as const;
  await expect(store.finishRun(aRun().uuid, end)).rejects.toThrow(/There is no run/);
  await store.close();
});
