// SPDX-License-Identifier: GPL-2.0-only
import { type Counts, noCounts, outcomes } from '../../words.ts';
import { chunks } from '../chunks.ts';
import { dayOf } from '../day.ts';
import type { Db, Trx } from '../schema.ts';
import { snapshot } from './snapshot.ts';

/** All that each series ever came to, by the last attempt in each run. */
export async function totals(trx: Trx, series: readonly number[]): Promise<Map<number, Counts>> {
  const found = new Map<number, Counts>();
  for (const part of chunks(series)) {
    const rows = await trx
      .selectFrom('rollup')
      .innerJoin(
        (eb) =>
          eb
            .selectFrom('rollup')
            .select(['series', (eb) => eb.fn.max('day').as('day')])
            .where('series', 'in', part)
            .groupBy('series')
            .as('newest'),
        (join) => join.onRef('newest.series', '=', 'rollup.series').onRef('newest.day', '=', 'rollup.day'),
      )
      .selectAll('rollup')
      .execute();
    for (const { series, day: _, ...counts } of rows) found.set(series, counts);
  }
  return found;
}

/**
 * What a series came to in the runs that started on the UTC days from that of `from` up to and with that of `to`.
 * Two rows, however long the range is.
 */
export async function countsBetween(db: Db, series: number, from: number, to: number): Promise<Counts> {
  return snapshot(db, async (trx) => {
    const until = await totalUntil(trx, series, dayOf(to));
    const before = await totalUntil(trx, series, Math.min(dayOf(from) - 1, dayOf(to)));
    return Object.fromEntries(
      outcomes.map((outcome) => [outcome, until[outcome] - before[outcome]]),
    ) as Counts;
  });
}

async function totalUntil(trx: Trx, series: number, day: number): Promise<Counts> {
  const row = await trx
    .selectFrom('rollup')
    .selectAll()
    .where('series', '=', series)
    .where('day', '<=', day)
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return noCounts();
  const { series: _series, day: _day, ...counts } = row;
  return counts;
}
