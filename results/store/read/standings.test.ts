// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counts, noCounts, type Outcome, outcomes } from '../../words.ts';
import { openStore } from '../index.ts';
import { aRun, aSubtest, aTest, dayMs, dump, morning, scratch } from '../test-support.ts';
import type { Store, TestReport } from '../types.ts';

const outcome = fc.constantFrom(...outcomes);
const attempt = fc.record({ a: outcome, x: outcome, y: fc.option(outcome) });
/** Some come to their end, in any order, and some go on. */
const runs = fc.array(
  fc.record({ day: fc.nat(4), attempts: fc.array(attempt, { maxLength: 3 }), ends: fc.boolean() }),
  { minLength: 1, maxLength: 5 },
);

interface Report {
  uuid: string;
  day: number;
  test: TestReport;
}

test('totals are what the results add up to, in whatever order they came', async ({ onTestFinished }) => {
  const property = fc.asyncProperty(runs, fc.infiniteStream(fc.nat()), async (plan, random) => {
    const directory = await scratch(onTestFinished);
    const store = await openStore(directory);
    const reports: Report[] = [];
    const ended: string[] = [];
    for (const { day, attempts, ends } of plan) {
      const uuid = randomUUID();
      await store.startRun(aRun({ uuid, startedAt: morning + day * dayMs }));
      if (ends) ended.push(uuid);
      reports.push(...attempts.map((words, index) => ({ uuid, day, test: reportOf(words, index + 1) })));
    }
    // Everything in an order of its own, some of it twice.
    const keys = new Map(reports.map((report) => [report, random.next().value]));
    const shuffled = [...reports].sort((a, b) => keys.get(a)! - keys.get(b)!);
    for (const { uuid, test } of [...shuffled, ...shuffled.slice(0, 2)]) await store.addTest(uuid, test);
    for (const uuid of ended)
      await store.finishRun(uuid, { state: 'complete', finishedAt: morning, reason: '' });

    for (const subtest of ['', 'x', 'y']) await compare(store, directory, reports, subtest);
    await store.close();
  });
  await fc.assert(property, { numRuns: 30 });
}, 120_000);

function reportOf(words: { a: Outcome; x: Outcome; y: Outcome | null }, attempt: number): TestReport {
  const subtests = [aSubtest('x', { outcome: words.x })];
  if (words.y !== null) subtests.push(aSubtest('y', { outcome: words.y }));
  return aTest({ attempt, outcome: words.a, subtests });
}

/** The last attempt's outcome in each run: what a series is made of, computed the long way. */
function expected(reports: Report[], subtest: string): { day: number; outcome: Outcome }[] {
  const last = new Map<string, { day: number; outcome: Outcome }>();
  for (const { uuid, day, test } of reports) {
    const said = subtest === '' ? test : test.subtests.find((part) => part.name === subtest);
    if (said) last.set(uuid, { day, outcome: said.outcome });
  }
  return [...last.values()];
}

async function compare(store: Store, directory: string, reports: Report[], subtest: string): Promise<void> {
  const points = expected(reports, subtest);
  const id = seriesOf(directory, subtest);
  if (id === undefined) {
    expect(points).toEqual([]);
    return;
  }
  for (let from = 0; from <= 4; from++) {
    for (let to = from - 1; to <= 4; to++) {
      const counts = await store.countsBetween(id, morning + from * dayMs, morning + to * dayMs);
      expect(counts).toEqual(countPoints(points.filter(({ day }) => day >= from && day <= to)));
    }
  }
  const history = await store.history(id, 100);
  expect(history?.counts).toEqual(countPoints(points));
  expect(countPoints(history!.points)).toEqual(countPoints(points));
  const days = history!.points.map((point) => point.startedAt);
  expect(days).toEqual([...days].sort((a, b) => b - a));

  const all = await store.runs({ limit: 100 });
  const counted = noCounts();
  for (const run of all)
    for (const word of outcomes) counted[word] += run[subtest === '' ? 'tests' : 'subtests'][word];
  const both = [...expected(reports, 'x'), ...expected(reports, 'y')];
  expect(counted).toEqual(countPoints(subtest === '' ? points : both));
}

function countPoints(points: { outcome: Outcome }[]): Counts {
  const counts = noCounts();
  for (const point of points) counts[point.outcome]++;
  return counts;
}

function seriesOf(directory: string, subtest: string): number | undefined {
  const tables = dump(directory) as Record<string, { id: number; name: number; subtest: string }[]>;
  const name = tables.name?.find((row) => row.subtest === subtest)?.id;
  return tables.series?.find((row) => row.name === name)?.id;
}
