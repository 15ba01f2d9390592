// SPDX-License-Identifier: GPL-2.0-only
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from './index.ts';
import { aRun, aSubtest, aTest, dayMs, morning, scratch } from './test-support.ts';

const size = { tests: 200, subtests: 50, runs: 6 };

// Prints figures to look at, and fails only where something has become ten times slower than it ever was.
test('figures for 200 tests with 50 subtests each', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  const names = Array.from({ length: size.tests }, (_, n) => ({
    collection: 'net/mptcp',
    name: `test_${n}.sh`,
  }));
  const subtests = Array.from({ length: size.subtests }, (_, n) =>
    aSubtest(`what subtest ${n} says it does`),
  );
  const began = performance.now();
  for (let n = 0; n < size.runs; n++) {
    const run = aRun({ planned: names, startedAt: morning + n * dayMs });
    await store.startRun(run);
    for (const name of names) await store.addTest(run.uuid, aTest({ ...name, subtests }));
    await store.finishRun(run.uuid, { state: 'complete', finishedAt: morning, reason: '' });
  }
  const addTestMs = (performance.now() - began) / size.runs / size.tests;
  const detail = (await store.run(1))!;
  const series = detail.results[7]!.series;
  const figures: Record<string, number> = {
    'addTest ms': addTestMs,
    'overview ms': await timed(() => store.overview(20)),
    'run ms': await timed(() => store.run(1)),
    'history of a test ms': await timed(() => store.history(series, 100)),
    'history of a subtest ms': await timed(() => store.history(series + 1, 100)),
  };
  await store.close();
  const { size: bytes } = await stat(path.join(directory, 'multitap.db'));
  figures['bytes per result'] = bytes / size.runs / size.tests / (size.subtests + 1);
  console.table(
    Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(2))])),
  );
  expect(detail.subtests.pass).toBe(size.tests * size.subtests);
  expect(addTestMs).toBeLessThan(100);
  expect(figures['run ms']).toBeLessThan(500);
}, 120_000);

/** The mean of five calls, after one to warm up. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  await work();
  const began = performance.now();
  for (let n = 0; n < 5; n++) await work();
  return (performance.now() - began) / 5;
}
