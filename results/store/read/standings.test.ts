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
/** They overlap: all have begun before the first one ends. Some come to their end, in any order, and some go on. */
const runs = (least: number, most: number) =>
  fc.array(
    fc.record({
      day: fc.nat(4),
      attempts: fc.array(attempt, { maxLength: 3 }),
      ends: fc.constantFrom(true, true, true, false),
    }),
    {
      minLength: least,
      maxLength: most,
    },
  );
const elsewhere = { name: 'elsewhere' };

interface Report {
  uuid: string;
  day: number;
  test: TestReport;
}

test.for([
  [1, 5, 30],
  [30, 40, 6],
] as const)(
  'totals of %i to %i runs, and the newest: what the results come to, in whatever order',
  { timeout: 120_000 },
  async ([least, most, numRuns], { onTestFinished }) => {
    const property = fc.asyncProperty(
      runs(least, most),
      fc.infiniteStream(fc.nat()),
      async (plan, random) => {
        const directory = await scratch(onTestFinished);
        const store = await openStore(directory);
        // From another branch a series sees how this one stands.
        const other = aRun({ branch: elsewhere });
        const subtests = [aSubtest('x'), aSubtest('y')];
        await store.addRun(other, [aTest({ subtests })], {
          state: 'complete',
          finishedAt: morning,
          reason: '',
        });
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
        for (const uuid of ended.sort())
          await store.finishRun(uuid, { state: 'complete', finishedAt: morning, reason: '' });

        for (const subtest of ['', 'x', 'y']) await compare(store, directory, reports, subtest);
        await store.close();
      },
    );
    await fc.assert(property, { numRuns });
  },
);

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

  const newest = history!.points[0]?.outcome;
  const from = await store.history(seriesOf(directory, subtest, 1)!, 1);
  expect(from?.elsewhere[0]?.outcome).toBe(newest);
  if (subtest !== '') {
    const parent = await store.history(history!.parent!, 1);
    expect(parent?.subtests.find(({ name }) => name === subtest)?.outcome).toBe(newest);
  }

  const all = await store.runs({ branch: 'net-next', limit: 100 });
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

/** On the first branch or on the second. */
function seriesOf(directory: string, subtest: string, branch = 2): number | undefined {
  const tables = dump(directory) as Record<
    string,
    { id: number; name: number; branch: number; subtest: string }[]
  >;
  const name = tables.name?.find((row) => row.subtest === subtest)?.id;
  return tables.series?.find((row) => row.name === name && row.branch === branch)?.id;
}
