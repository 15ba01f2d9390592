// SPDX-License-Identifier: GPL-2.0-only
import { outcomeCode } from '../codes.ts';
import type { Point } from '../pack/point.ts';
import type { Db, Trx } from '../schema.ts';
import type { TestDuration, VariantInput } from '../types.ts';
import { newestRuns, type TimedRun } from './newest-runs.ts';
import { pointsIn } from './points-in.ts';
import { snapshot } from './snapshot.ts';

/** The newest so many of a series say how long it takes now. */
const newestCounted = 9;
/** Not every run has every test, and one that ends early has none of the last. */
const runsLooked = 32;
/** Where a test is in none of them, it is looked for in so many before them, and again in so many, to the first. */
const runsMore = 512;
/** What lasted as long as the test does; a crash ends it before its time, and `missing` never began. */
const counted = (['pass', 'fail', 'skip', 'xfail', 'xpass', 'timeout'] as const).map(outcomeCode);

/**
 * How long the tests of a suite take: the median of the newest nine runs on this variant, whatever the branch; for a
 * test that never ran on it, of those on any variant. Tests without history are left out.
 */
export async function durations(db: Db, suite: string, variant: VariantInput): Promise<TestDuration[]> {
  return snapshot(db, async (trx) => {
    const series = await seriesOf(trx, suite);
    const times = await newestTimes(trx, suite, series);
    const found: TestDuration[] = [];
    for (const [, group] of Map.groupBy(series, ({ test }) => test)) {
      const own = group.filter((one) => isSame(one, variant));
      const newest = newestOf(own, times) ?? newestOf(group, times);
      const { collection, name } = group[0]!;
      if (newest) found.push({ collection, name, durationMs: median(newest) });
    }
    return found;
  });
}

interface Time {
  run: number;
  /** When the run began. */
  at: number;
  ms: number;
}

type Times = Map<number, Time[]>;

/** By series: how long it took in runs in which it came to its end. */
async function newestTimes(
  trx: Trx,
  suite: string,
  series: Awaited<ReturnType<typeof seriesOf>>,
): Promise<Times> {
  const times: Times = new Map();
  for (const [, group] of Map.groupBy(series, ({ branchId, variantId }) => `${branchId} ${variantId}`)) {
    const place = { branch: group[0]!.branchId, variant: group[0]!.variantId, suite };
    let lacking = group.map((one) => one.series);
    let before: TimedRun | null = null;
    for (let wanted = runsLooked; lacking.length > 0; wanted = runsMore) {
      const runs: TimedRun[] = await newestRuns(trx, place, wanted, before);
      const points = await pointsIn(trx, place, lacking, runs);
      for (const id of lacking) times.set(id, timesIn(points.get(id)!, runs));
      lacking = lacking.filter((id) => times.get(id)!.length === 0);
      if (runs.length < wanted) break;
      before = runs.at(-1)!;
    }
  }
  return times;
}

function timesIn(points: ReadonlyMap<number, Point>, runs: readonly TimedRun[]): Time[] {
  return runs.flatMap(({ id: run, startedAt: at }) => {
    const point = points.get(run);
    if (!point || point.durationMs === null || !counted.includes(point.outcome)) return [];
    return [{ run, at, ms: point.durationMs }];
  });
}

async function seriesOf(trx: Trx, suite: string) {
  return trx
    .selectFrom('test')
    .innerJoin('name', 'name.test', 'test.id')
    .innerJoin('series', 'series.name', 'name.id')
    .innerJoin('variant', 'variant.id', 'series.variant')
    .where('test.suite', '=', suite)
    .where('name.subtest', '=', '')
    .select(['test.id as test', 'test.collection', 'test.name', 'series.id as series'])
    .select(['series.branch as branchId', 'series.variant as variantId'])
    .select(['variant.arch', 'variant.accel', 'variant.cpus', 'variant.flavour', 'variant.options'])
    .execute();
}

function isSame(one: VariantInput, other: VariantInput): boolean {
  const keys = ['arch', 'accel', 'cpus', 'flavour', 'options'] as const;
  return keys.every((key) => one[key] === other[key]);
}

function newestOf(group: { series: number }[], times: Times): number[] | null {
  const rows = group.flatMap(({ series }) => times.get(series) ?? []);
  const newest = rows.sort((a, b) => b.at - a.at || b.run - a.run).slice(0, newestCounted);
  return newest.length > 0 ? newest.map(({ ms }) => ms) : null;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
