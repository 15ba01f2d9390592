// SPDX-License-Identifier: GPL-2.0-only
import { outcomeCode } from '../codes.ts';
import type { Db, Trx } from '../schema.ts';
import type { TestDuration, VariantInput } from '../types.ts';
import { newestRuns } from './newest-runs.ts';
import { pointsIn } from './points-in.ts';
import { snapshot } from './snapshot.ts';

/** The newest so many of a series say how long it takes now. */
const newestCounted = 9;
/** Not every run has every test, and one that ends early has none of the last. */
const runsLooked = 32;
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

type Times = Map<number, { run: number; ms: number }[]>;

/** By series: how long it took in runs in which it came to its end. */
async function newestTimes(
  trx: Trx,
  suite: string,
  series: Awaited<ReturnType<typeof seriesOf>>,
): Promise<Times> {
  const times: Times = new Map();
  for (const [, group] of Map.groupBy(series, ({ branchId, variantId }) => `${branchId} ${variantId}`)) {
    const place = { branch: group[0]!.branchId, variant: group[0]!.variantId, suite };
    const runs = await newestRuns(trx, place, runsLooked);
    const ids = group.map((one) => one.series);
    for (const [id, points] of await pointsIn(trx, place, ids, runs)) {
      const ended = [...points].filter(
        ([, { outcome, durationMs }]) => counted.includes(outcome) && durationMs !== null,
      );
      times.set(
        id,
        ended.map(([run, { durationMs }]) => ({ run, ms: durationMs! })),
      );
    }
  }
  return times;
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

/** By run, since runs are numbered as they begin: close enough to their times. */
function newestOf(group: { series: number }[], times: Times): number[] | null {
  const rows = group.flatMap(({ series }) => times.get(series) ?? []);
  const newest = rows.sort((a, b) => b.run - a.run).slice(0, newestCounted);
  return newest.length > 0 ? newest.map(({ ms }) => ms) : null;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
