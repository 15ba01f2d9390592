// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import { aRun, aSubtest, aTest, dayMs, dump, morning, scratch } from '../test-support.ts';
import type { CrashSighting, Store } from '../types.ts';

const warning: CrashSighting = {
  ...{ signature: 'warn:1', kind: 'warn', title: 'WARNING in foo', frames: ['foo'], line: 7, fatal: false },
};

/** 40 runs: x fails in every fourth, `broken.sh` in all, the last run goes on. */
async function filled(directory: string): Promise<Store> {
  const store = await openStore(directory);
  for (let n = 0; n < 40; n++) {
    const start = aRun({ startedAt: morning + n * dayMs, revision: { name: `v${n}`, position: n } });
    const outcome = n % 4 === 3 ? 'fail' : 'pass';
    const subtests = [
      aSubtest('x', { outcome, message: outcome === 'fail' ? `got ${n}% of Foo_` : '' }),
      aSubtest('y'),
    ];
    const tests = [
      aTest({ name: 'a.sh', outcome, subtests, crashes: n === 7 ? [warning] : [] }),
      aTest({ name: 'broken.sh', outcome: 'fail', message: 'exit code 1' }),
    ];
    const end = { state: 'complete' as const, finishedAt: start.startedAt + 9, reason: '' };
    if (n < 39) await store.addRun(start, tests, end);
    else {
      await store.startRun(start);
      for (const one of tests) await store.addTest(start.uuid, one);
    }
  }
  return store;
}

test('what pages and the judge ask', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await filled(directory);

  const bad = [
    { test: 'a.sh', subtest: '', outcome: 'fail', message: '' },
    { test: 'a.sh', subtest: 'x', outcome: 'fail', message: 'got 3% of Foo_' },
    { test: 'broken.sh', subtest: '', outcome: 'fail', message: 'exit code 1' },
  ];
  expect(await store.failures(4)).toMatchObject(bad);
  // The run that goes on, from its rows.
  expect((await store.failures(40)).map(({ subtest }) => subtest)).toEqual(['', 'x', '']);

  const x = (await store.run(1))!.results[0]!.subtests[0]!.series;
  const points = await store.points(x, 30);
  expect(points.map(({ revision }) => revision)).toEqual(Array.from({ length: 30 }, (_, i) => `v${39 - i}`));
  expect(
    points
      .filter(({ outcome }) => outcome === 'fail')
      .map(({ revision }) => revision)
      .slice(0, 3),
  ).toEqual([...['v39', 'v35', 'v31']]);
  expect(points[4]).toMatchObject({ message: 'got 35% of Foo_', durationMs: 10 });

  const place = { branch: 'net-next', variant: 'x86_64 kvm 2cpu normal', suite: 'mptcp' };
  const grid = (await store.grid({ ...place, level: 'all', runs: 30, rows: 10, after: 1 }))!;
  expect(grid.runs.map(({ revision }) => revision).slice(0, 2)).toEqual(['v39', 'v38']);
  expect(grid.rows.map(({ test, subtest }) => `${test} ${subtest}`)).toEqual([
    'a.sh x',
    'a.sh y',
    'broken.sh ',
  ]);
  expect(grid.rows[0]!.cells).toEqual(Array.from({ length: 30 }, (_, i) => (i % 4 === 0 ? 'fail' : 'pass')));
  const tests = (await store.grid({ ...place, level: 'tests', runs: 1, rows: 10, after: 0 }))!;
  expect(tests.rows.map(({ test }) => test)).toEqual(['a.sh', 'broken.sh']);
  const none = (await store.grid({ ...place, level: 'tests', runs: -1, rows: -1, after: -1 }))!;
  expect(none).toEqual({ runs: [], rows: [] });
  expect(await store.grid({ ...place, suite: 'bpf', level: 'tests', runs: 1, rows: 1, after: 0 })).toBeNull();

  // Runs that ended, of the last 20 days: v20 to v38.
  const flakes = await store.flaky({ branch: 'net-next', since: morning + 20 * dayMs, limit: 10 });
  expect(
    flakes.map(({ test, subtest, failed, runs, flips }) => [test, subtest, failed, runs, flips]),
  ).toEqual([
    ['a.sh', '', 4, 19, 8],
    ['a.sh', 'x', 4, 19, 8],
  ]);
  expect(await store.flaky({ branch: 'other', since: 0, limit: 10 })).toEqual([]);

  expect(await store.occurrences('warn:1', 10)).toMatchObject([
    { runId: 8, revision: 'v7', test: 'a.sh', line: 7 },
  ]);
  expect(await store.compare(3, 4)).toMatchObject({
    same: 2,
    changes: [
      { test: 'a.sh', subtest: '', before: 'pass', after: 'fail' },
      { test: 'a.sh', subtest: 'x', before: 'pass', after: 'fail' },
    ],
  });

  await store.addRun(aRun({ branch: { name: 'été' } }), [aTest({ name: 'ÉTÉ d’Été.sh' })], {
    ...{ state: 'complete', finishedAt: morning, reason: '' },
  });
  const messages = async (text: string) => (await store.search(text, 2)).messages.map(({ runId }) => runId);
  expect(await messages('of foo_')).toEqual([40, 36]);
  expect(await messages('7% of')).toEqual([28, 8]);
  expect(await messages('7_ of')).toEqual([]);
  expect((await store.search('BROKEN', 5)).names).toMatchObject([{ test: 'broken.sh', subtest: '' }]);
  // Letters beyond ASCII are taken as they are.
  expect((await store.search('ÉTÉ', 5)).names).toMatchObject([{ test: 'ÉTÉ d’Été.sh' }]);
  expect((await store.search('é D', 5)).names).toEqual([]);
  expect((await store.search('É D', 5)).names).toHaveLength(1);
  expect(await store.search('sh', -1)).toEqual({ names: [], messages: [] });
  expect(await store.search('', 5)).toEqual({ names: [], messages: [] });
  await store.close();
});

test('a run that is sent as a whole is recorded once, and as if test by test', async ({ onTestFinished }) => {
  const [whole, parts] = [await scratch(onTestFinished), await scratch(onTestFinished)];
  const start = aRun({ planned: ['a.sh', 'silent.sh'].map((name) => ({ collection: 'net/mptcp', name })) });
  const logs = [{ kind: 'output' as const, content: Buffer.from('words') }];
  const tests = [
    aTest({
      name: 'a.sh',
      outcome: 'fail',
      subtests: [aSubtest('x', { outcome: 'fail' }), aSubtest('x')],
      logs,
    }),
    aTest({ name: 'a.sh', attempt: 2, subtests: [aSubtest('x')], crashes: [warning] }),
    aTest({ name: 'b.sh', problems: [{ line: 1, text: 'what?' }] }),
  ];
  const end = { state: 'complete' as const, finishedAt: morning + 9, reason: '' };
  const one = await openStore(whole);
  for (const was of ['absent', 'over'])
    expect(await one.addRun(start, [...tests, tests[0]!], end)).toEqual({ id: 1, was });
  const other = await openStore(parts);
  await other.startRun(start);
  for (const each of tests) await other.addTest(start.uuid, each);
  await other.finishRun(start.uuid, end);
  expect(await one.run(1)).toEqual(await other.run(1));
  expect(dump(whole).run_count).toEqual(dump(parts).run_count);
  expect(dump(whole).run).toHaveLength(1);
  await one.close();
  await other.close();
});
