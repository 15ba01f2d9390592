// SPDX-License-Identifier: GPL-2.0-only
import type { Newest } from '../pack/newest.ts';
import type { HistoryRow, Trx } from '../schema.ts';

/** The newest piece of each series' history; none for a series that has no folded run. @param series at most 500 */
export async function lastPieces(trx: Trx, series: readonly number[]): Promise<Map<number, HistoryRow>> {
  const rows = await trx
    .selectFrom('history')
    .innerJoin(
      (eb) =>
        eb
          .selectFrom('history')
          .select(['series', (eb) => eb.fn.max('piece').as('piece')])
          .where('series', 'in', series)
          .groupBy('series')
          .as('last'),
      (join) => join.onRef('last.series', '=', 'history.series').onRef('last.piece', '=', 'history.piece'),
    )
    .selectAll('history')
    .execute();
  return new Map(rows.map((row) => [row.series, row]));
}

/** What the run that began last came to, of all that are in a piece or in one before it. */
export function newestIn(piece: HistoryRow): Newest {
  return { run: piece.newest_run, at: piece.newest_at, outcome: piece.newest_outcome };
}
