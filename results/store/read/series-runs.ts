// SPDX-License-Identifier: GPL-2.0-only
import { readPiece, runsPerPiece } from '../pack/point.ts';
import type { Trx } from '../schema.ts';
import { among } from './among.ts';
import { intact } from './intact.ts';
import { selectTimed, type TimedRun } from './newest-runs.ts';
import { foldedRuns, type PlaceKey } from './points-in.ts';

/**
 * The runs that may say something of a series, the one that began last first: those that its history has, and those
 * that are in no history yet. As many as it has points, however many runs its place has.
 */
export async function runsOfSeries(trx: Trx, place: PlaceKey, series: number): Promise<TimedRun[]> {
  const pieces = await trx
    .selectFrom('history')
    .select(['piece', 'data'])
    .where('series', '=', series)
    .execute();
  const seqs = pieces.flatMap(({ piece, data }) =>
    [...intact(`The history of series ${series}`, () => readPiece(data)).keys()].map(
      (at) => piece * runsPerPiece + at,
    ),
  );
  const runs = await selectTimed(trx, place).where(among('run.seq', seqs)).execute();
  const recent = await selectTimed(trx, place)
    .where('run.seq', '>=', await foldedRuns(trx, place))
    .execute();
  const going = await selectTimed(trx, place).where('run.seq', 'is', null).execute();
  return [...runs, ...recent, ...going].sort((a, b) => b.startedAt - a.startedAt || b.id - a.id);
}
