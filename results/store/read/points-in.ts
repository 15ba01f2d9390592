// SPDX-License-Identifier: GPL-2.0-only
import { type Point, readPiece, runsPerPiece } from '../pack/point.ts';
import type { RunRow, Trx } from '../schema.ts';
import { among } from './among.ts';
import { intact } from './intact.ts';
import { packets } from './packets.ts';

/** Where runs follow one another. */
export type PlaceKey = Pick<RunRow, 'branch' | 'variant' | 'suite'>;

export interface RunRef {
  id: number;
  /** As in the run's row; null for one that goes on. */
  seq: number | null;
}

/** What runs say of series: by series, then by run. */
export type PointsBySeries = Map<number, Map<number, Point>>;

/**
 * What the runs of one place say of these series. A run that goes on is read from its rows, one of the newest from its
 * own packet, all others from the pieces of the series' histories.
 */
export async function pointsIn(
  trx: Trx,
  place: PlaceKey,
  series: readonly number[],
  runs: readonly RunRef[],
): Promise<PointsBySeries> {
  const found: PointsBySeries = new Map(series.map((id) => [id, new Map()]));
  const folded = await foldedRuns(trx, place);
  const going = runs.filter(({ seq }) => seq === null).map(({ id }) => id);
  const newest = runs.filter(({ seq }) => seq !== null && seq >= folded).map(({ id }) => id);
  const old = new Map(runs.flatMap(({ id, seq }) => (seq !== null && seq < folded ? [[seq, id]] : [])));
  if (going.length > 0) await fromRows(trx, going, found);
  await fromPackets(trx, newest, found);
  if (old.size > 0) await fromPieces(trx, series, old, found);
  return found;
}

/** How many of a place's runs are in histories: those with a smaller `seq`. */
export async function foldedRuns(trx: Trx, place: PlaceKey): Promise<number> {
  const row = await trx
    .selectFrom('place')
    .select('folded')
    .where('branch', '=', place.branch)
    .where('variant', '=', place.variant)
    .where('suite', '=', place.suite)
    .executeTakeFirst();
  return row?.folded ?? 0;
}

/** Of runs that go on. */
export async function fromRows(trx: Trx, runs: number[], found: PointsBySeries): Promise<void> {
  const rows = await trx
    .selectFrom('result')
    .select(['run', 'series', 'attempt', 'outcome', 'duration_ms as durationMs', 'line'])
    .where(among('series', [...found.keys()]))
    .where(among('run', runs))
    .orderBy('attempt')
    .execute();
  for (const { run, series, ...row } of rows) {
    const points = found.get(series)!;
    points.set(run, { ...row, attempts: (points.get(run)?.attempts ?? 0) + 1 });
  }
}

/** Of runs that are over. */
export async function fromPackets(trx: Trx, runs: readonly number[], found: PointsBySeries): Promise<void> {
  for (const [run, points] of await packets(trx, runs)) {
    for (const [series, own] of found) {
      const point = points.get(series);
      if (point) own.set(run, point);
    }
  }
}

async function fromPieces(
  trx: Trx,
  series: readonly number[],
  runs: Map<number, number>,
  found: PointsBySeries,
): Promise<void> {
  const pieces = [...new Set([...runs.keys()].map((seq) => Math.floor(seq / runsPerPiece)))];
  const rows = await trx
    .selectFrom('history')
    .select(['series', 'piece', 'data'])
    .where(among('series', series))
    .where(among('piece', pieces))
    .execute();
  for (const row of rows) {
    const points = found.get(row.series)!;
    for (const [place, point] of intact(`The history of series ${row.series}`, () => readPiece(row.data))) {
      const run = runs.get(row.piece * runsPerPiece + place);
      if (run !== undefined) points.set(run, point);
    }
  }
}
