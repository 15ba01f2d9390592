// SPDX-License-Identifier: GPL-2.0-only
import type { Counts } from '../words.ts';
import { chunks } from './chunks.ts';
import type { Trx } from './schema.ts';

/**
 * All that each series came to up to and with a UTC day (days since 1970), by the last attempt in each run; up to
 * its newest day without one. A series that had no run by then is not in the answer.
 */
export async function totalsUntil(
  trx: Trx,
  series: readonly number[],
  day = Number.MAX_SAFE_INTEGER,
): Promise<Map<number, Counts>> {
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
            .where('day', '<=', day)
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
