// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { checkStore, openStore } from '../store/index.ts';
import { aRun, aTest } from '../store/test-support.ts';
import type { Store } from '../store/types.ts';
import { type ImportReport, importFile } from './import-file.ts';
import { mptcpCi } from './mptcp-ci.ts';
import { inMemory, openScratch, quiet } from './testing.ts';

// Imports beside other writers, and beside what was imported before.

const listed = (n: number) => ({
  ...{ run_id: `${n}`, tag: `export/2026010${n}T000000` },
  results: { selftest_diag: { 1: { result: n % 2 ? 'fail' : 'flaky', name: 'test: selftest_diag' } } },
});
const history = (...numbers: number[]) => inMemory(JSON.stringify(numbers.map(listed)), 'export-normal.json');

test('histories that overlap: each run is there once', async () => {
  const { store, into } = await openScratch();
  expect(await into(mptcpCi, history(2, 3))).toMatchObject({ runs: { new: 2, known: 0 } });
  expect(await into(mptcpCi, history(1, 2, 3, 4))).toMatchObject({
    runs: { new: 2, known: 2, different: 0 },
  });
  const runs = await store.runs({ limit: 9 });
  expect(runs.map(({ tests }) => [tests.fail, tests.xfail])).toEqual([
    [0, 1],
    [1, 0],
    [0, 1],
    [1, 0],
  ]);
});

test('an import beside a run that goes on', async () => {
  const { folder, store, into } = await openScratch();
  const runner = await openStore(folder);
  const live = aRun({ planned: [0, 1, 2, 3].map((n) => ({ collection: 'c', name: `t${n}` })) });
  await runner.startRun(live);
  const reports = [];
  for (const n of [0, 1, 2, 3]) {
    const report = into(mptcpCi, history(n + 1));
    await runner.addTest(live.uuid, aTest({ collection: 'c', name: `t${n}`, outcome: 'pass' }));
    reports.push(await report);
  }
  await runner.finishRun(live.uuid, { state: 'complete', finishedAt: live.startedAt + 1, reason: '' });
  await runner.close();
  expect(reports.map(({ runs }) => runs.new)).toEqual([1, 1, 1, 1]);
  const runs = await store.runs({ limit: 9 });
  expect(runs.find(({ uuid }) => uuid === live.uuid)).toMatchObject({
    state: 'complete',
    tests: { pass: 4 },
  });
  expect(runs).toHaveLength(5);
  expect((await checkStore(folder, { content: true })).problems).toEqual([]);
});

test('where the store fails, the report says what became of the file until then', async () => {
  const { store } = await openScratch();
  const reports: ImportReport[] = [];
  const progress = { ...quiet, begins: (report: ImportReport) => reports.push(report) };
  const full: Store = {
    ...store,
    addRun: async (...all) => {
      if (all[0].startedAt > Date.UTC(2026, 0, 2)) throw new Error('disk full');
      return store.addRun(...all);
    },
    head: (id) => store.head(id),
  };
  const file = history(1, 2, 3);
  await expect(importFile(full, mptcpCi, 'x', async () => file, {}, progress)).rejects.toThrow('disk full');
  expect(reports).toMatchObject([{ runs: { new: 2 }, refused: 'could not be stored' }]);
});

test('of two importers at once one says that a run is new', async () => {
  const { folder, into } = await openScratch();
  const other = await openStore(folder);
  const file = history(1);
  const [one, two] = await Promise.all([
    into(mptcpCi, file),
    importFile(other, mptcpCi, file.name, async () => file, {}, quiet),
  ]);
  await other.close();
  expect([one.runs.new + two.runs.new, one.runs.known + two.runs.known]).toEqual([1, 1]);
});
