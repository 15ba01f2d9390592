// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { type Counts, noCounts, type Outcome, outcomes } from '../../words.ts';
import { checkStore, openStore } from '../index.ts';
import { aRun, aSubtest, aTest, dayMs, morning, scratch } from '../test-support.ts';
import type { RunStart, Store, TestReport } from '../types.ts';

const runs = 150;
const end = { state: 'complete' as const, finishedAt: morning, reason: '' };
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Pseudo-random, and the same each time. */
const mixed = (n: number) => (Math.imul(n + 1, 0x9e3779b1) >>> 7) % 1000;

const same = Buffer.from('the same in several runs\n');
const splat = {
  signature: 's',
  kind: 'warn' as const,
  title: 'WARNING in f',
  frames: ['f'],
  line: 1,
  fatal: false,
};

/** Run `n` began on day `n`. `rare` is in one of 40, as are a fault and a log; `early` in the first few alone. */
function recorded(n: number): { start: RunStart; tests: TestReport[] } {
  const outcome = (salt: number): Outcome => outcomes[mixed(n * 31 + salt) % outcomes.length]!;
  const subtests = [aSubtest('x', { outcome: outcome(1), message: `x of ${n}`, durationMs: n, line: n })];
  if (n % 40 === 7) subtests.push(aSubtest('rare', { outcome: outcome(2) }));
  if (n < 3) subtests.push(aSubtest('early', { outcome: outcome(3) }));
  const startedAt = morning + n * dayMs;
  const start = aRun({ uuid: uuid(n), startedAt, revision: { name: `v${n}`, position: n } });
  const met = n % 40 === 9 ? { crashes: [splat], logs: [{ kind: 'output' as const, content: same }] } : {};
  const tests = [aTest({ outcome: outcome(4), startedAt, durationMs: 1000 + n, subtests, ...met })];
  return {
    start,
    tests: n % 3 === 0 ? [...tests, aTest({ ...tests[0]!, attempt: 2, outcome: 'pass' })] : tests,
  };
}

async function filled(directory: string, order: readonly number[]): Promise<Store> {
  const store = await openStore(directory);
  for (const n of order) {
    const { start, tests } = recorded(n);
    await store.addRun(start, tests, end);
  }
  // Series on another branch tell how these stand.
  const { start, tests } = recorded(0);
  const everything = { ...tests[0]!, subtests: ['x', 'rare', 'early'].map((name) => aSubtest(name)) };
  await store.addRun({ ...start, uuid: uuid(1000), branch: { name: 'other' } }, [everything], end);
  return store;
}

/** What the store says, without the numbers that it gives to runs and series. */
async function said(store: Store): Promise<unknown> {
  const place = { branch: 'net-next', variant: 'x86_64 kvm 2cpu normal', suite: 'mptcp' };
  const grid = (await store.grid({ ...place, level: 'all', runs: 140, rows: 10, after: 0 }))!;
  const other = (await store.grid({ ...place, branch: 'other', level: 'all', runs: 1, rows: 10, after: 0 }))!;
  const histories = [];
  for (const { series, subtest } of grid.rows) {
    const history = (await store.history(series, 100))!;
    const points = history.points.map(({ runId: _, ...point }) => point);
    const from = await store.history(other.rows.find((row) => row.subtest === subtest)!.series, 1);
    const { subtests, counts } = history;
    histories.push({ subtest, points, counts, subtests: subtests.map(({ series: _, ...row }) => row) });
    histories.push(from!.elsewhere.map(({ series: _, ...row }) => row));
    const half = [morning + 30 * dayMs, morning + 90 * dayMs] as const;
    histories.push(await store.countsBetween(series, ...half));
  }
  const flakes = await store.flaky({ branch: 'net-next', since: morning + 20 * dayMs, limit: 2 });
  return {
    histories,
    cells: grid.rows.map(({ subtest, cells }) => [subtest, ...cells]),
    flakes: flakes.map(({ series: _, ...row }) => row),
    durations: await store.durations('mptcp', aRun().variant),
    runs: (await store.runs({ limit: 200 })).map(({ id: _, ...row }) => row),
    compared: await compared(store),
    newest: await newest(store),
  };
}

async function compared(store: Store): Promise<unknown> {
  const [one, other] = [(await store.head(uuid(12)))!, (await store.head(uuid(87)))!];
  const { same, changes } = await store.compare(one.id, other.id);
  return { same, changes: changes.map(({ subtest, before, after }) => [subtest, before, after]) };
}

/** Of the fault and the log that several runs have: which of them. */
async function newest(store: Store): Promise<unknown> {
  const [{ lastRun, runs } = { lastRun: 0, runs: 0 }] = await store.crashes(1);
  const { hash } = (await store.run(uuid(9)))!.results[0]!.logs[0]!;
  const { runId } = (await store.logOrigin(hash))!;
  const revision = async (run: number) => (await store.head(run))!.revision;
  return { runs, crash: await revision(lastRun), log: await revision(runId) };
}

const inOrder = Array.from({ length: runs }, (_, n) => n);
test.for([
  ['newest first', inOrder.toReversed()],
  ['shuffled', inOrder.toSorted((a, b) => mixed(a) - mixed(b))],
] as const)(
  '150 runs that come %s say the same as in order',
  { timeout: 120_000 },
  async ([, order], { onTestFinished }) => {
    const directories = [await scratch(onTestFinished), await scratch(onTestFinished)] as const;
    const [one, other] = [await filled(directories[0], inOrder), await filled(directories[1], order)];
    const words = await said(one);
    expect(await said(other)).toEqual(words);
    // And that is what was recorded.
    expect(words).toMatchObject({ histories: expect.arrayContaining([expect.objectContaining(ofX())]) });
    expect(words).toMatchObject({ newest: { runs: 4, crash: 'v129', log: 'v129' } });
    await one.close();
    await other.close();
    for (const directory of directories)
      expect((await checkStore(directory, { content: true })).problems).toEqual([]);
  },
);

/** The history of `x`, the long way. */
function ofX(): { subtest: string; counts: Counts; points: unknown } {
  const counts = noCounts();
  const points = inOrder.map((n) => {
    const { outcome } = recorded(n).tests.at(-1)!.subtests[0]!;
    counts[outcome]++;
    return expect.objectContaining({ revision: `v${n}`, outcome, durationMs: n, line: n });
  });
  return { subtest: 'x', counts, points: points.reverse().slice(0, 100) };
}
