// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import { aRun, dayMs, morning, scratch } from '../test-support.ts';

const uuids = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaab-0000-4000-8000-000000000002'] as const;

test('runs are newest first by when they started, and pages do not overlap', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  for (const day of [3, 0, 4, 1, 2, 2]) {
    await store.startRun(
      aRun({ startedAt: morning + day * dayMs, revision: { name: `v${day}`, position: day } }),
    );
  }
  const all = (await store.runs({ limit: 10 })).map((run) => run.id);
  const revisions = (await store.runs({ limit: 10 })).map((run) => run.revision);
  expect(revisions).toEqual(['v4', 'v3', 'v2', 'v2', 'v1', 'v0']);
  const pages: number[] = [];
  for (let before: number | undefined; ; before = pages.at(-1)) {
    const page = await store.runs({
      branch: 'net-next',
      limit: 2,
      ...(before === undefined ? {} : { before }),
    });
    if (page.length === 0) break;
    pages.push(...page.map((run) => run.id));
  }
  expect(pages).toEqual(all);
  expect(await store.runs({ branch: 'nowhere', limit: 2 })).toEqual([]);
  expect(await store.runs({ before: 999, limit: 2 })).toEqual([]);
  expect(await store.runs({ limit: -1 })).toEqual([]);
  await store.close();
});

test('the overview has every branch, the one with the newest run first', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  for (const [name, day] of [
    ['net', 1],
    ['bpf', 3],
    ['net', 2],
    ['net', 0],
  ] as const) {
    await store.startRun(aRun({ branch: { name }, startedAt: morning + day * dayMs }));
  }
  const overview = await store.overview(2);
  expect(overview.map(({ branch, url, runs }) => [branch, url, runs.length])).toEqual([
    ['bpf', null, 1],
    ['net', null, 2],
  ]);
  expect(overview[1]?.runs.map((run) => run.startedAt)).toEqual([morning + 2 * dayMs, morning + dayMs]);
  await store.close();
});

test('a run by id, by UUID and by the beginning of one', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  for (const uuid of uuids) await store.startRun(aRun({ uuid }));
  const found = async (wanted: number | string) => (await store.run(wanted))?.uuid;
  expect(await found(1)).toBe(uuids[0]);
  expect(await found('2')).toBe(uuids[1]);
  expect(await found(uuids[0].toUpperCase())).toBe(uuids[0]);
  expect(await found('aaaaaaab')).toBe(uuids[1]);
  for (const none of ['aaaa', '', '%', 'zzz', 3, -1, Number.NaN, '../..', 'b']) {
    expect(await store.run(none)).toBeNull();
  }
  await store.close();
});
