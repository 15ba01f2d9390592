// SPDX-License-Identifier: GPL-2.0-only
import { chunks } from '../chunks.ts';
import { outcomeCode } from '../codes.ts';
import type { Db, Trx } from '../schema.ts';
import type { TestDuration, VariantInput } from '../types.ts';
import { snapshot } from './snapshot.ts';

/** The newest so many of a series say how long it takes now. */
const newestCounted = 9;
/** What lasted as long as the test does; a crash ends it before its time, and `missing` never began. */
const counted = (['pass', 'fail', 'skip', 'xfail', 'xpass', 'timeout'] as const).map(outcomeCode);

/**
 * How long the tests of a suite take: the median of the newest nine attempts on this variant, whatever the branch;
 * for a test that never ran on it, of those on any variant. Tests without history are left out.
 */
export async function durations(db: Db, suite: string, variant: VariantInput): Promise<TestDuration[]> {
  return snapshot(db, async (trx) => {
    const series = await seriesOf(trx, suite);
    const found: TestDuration[] = [];
    for (const [, group] of Map.groupBy(series, ({ test }) => test)) {
      const own = group.filter((one) => isSame(one, variant));
      const newest = (await newestOf(trx, own)) ?? (await newestOf(trx, group));
      const { collection, name } = group[0]!;
      if (newest) found.push({ collection, name, durationMs: median(newest) });
    }
    return found;
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
    .select(['variant.arch', 'variant.accel', 'variant.cpus', 'variant.flavour', 'variant.options'])
    .execute();
}

function isSame(one: VariantInput, other: VariantInput): boolean {
  const keys = ['arch', 'accel', 'cpus', 'flavour', 'options'] as const;
  return keys.every((key) => one[key] === other[key]);
}

/** By run, since runs are numbered as they begin: close enough to their times, and what the index is ordered by. */
async function newestOf(trx: Trx, group: { series: number }[]): Promise<number[] | null> {
  const rows: { run: number; attempt: number; ms: number | null }[] = [];
  for (const part of chunks(group.map(({ series }) => series))) {
    rows.push(
      ...(await trx
        .selectFrom('result')
        .select(['run', 'attempt', 'duration_ms as ms'])
        .where('series', 'in', part)
        .where('outcome', 'in', counted)
        .where('duration_ms', 'is not', null)
        .orderBy('run', 'desc')
        .orderBy('attempt', 'desc')
        .limit(newestCounted)
        .execute()),
    );
  }
  const newest = rows.sort((a, b) => b.run - a.run || b.attempt - a.attempt).slice(0, newestCounted);
  return newest.length > 0 ? newest.map(({ ms }) => ms!) : null;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
