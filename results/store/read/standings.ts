// SPDX-License-Identifier: GPL-2.0-only
import { type Counts, noCounts } from '../../words.ts';
import { chunks } from '../chunks.ts';
import { newestOf } from '../pack/newest.ts';
import { countPoints, type Point, readPiece, readTotals } from '../pack/point.ts';
import type { HistoryRow, Trx } from '../schema.ts';
import { intact } from './intact.ts';
import { lastPieces, newestIn } from './last-pieces.ts';
import { fromPackets, fromRows, type PlaceKey, type PointsBySeries } from './points-in.ts';

/** How a series stands. */
export interface Standing {
  /** All that it ever came to, by the last attempt in each run. */
  counts: Counts;
  /** The code of what it came to in the run that began last; null for one that never ran. */
  latest: number | null;
}

/**
 * How series stand, of places of one suite: what the newest piece of each history says of all before it, and the runs
 * that are in no piece yet.
 */
export async function standings(
  trx: Trx,
  series: readonly (PlaceKey & { id: number })[],
): Promise<Map<number, Standing>> {
  const recent: PointsBySeries = new Map(series.map(({ id }) => [id, new Map()]));
  const runs = await recentRuns(trx, series);
  const ids = (over: boolean) => runs.filter(({ seq }) => (seq !== null) === over).map(({ id }) => id);
  if (ids(false).length > 0) await fromRows(trx, ids(false), recent);
  await fromPackets(trx, ids(true), recent);
  const starts = new Map(runs.map((run) => [run.id, run.startedAt]));

  const standing = new Map<number, Standing>();
  for (const part of chunks(series.map(({ id }) => id))) {
    const pieces = await lastPieces(trx, part);
    for (const id of part) standing.set(id, standingOf(pieces.get(id), recent.get(id)!, starts));
  }
  return standing;
}

function standingOf(
  piece: HistoryRow | undefined,
  recent: ReadonlyMap<number, Point>,
  starts: ReadonlyMap<number, number>,
): Standing {
  const counts = piece
    ? intact(`The history of series ${piece.series}`, () =>
        countPoints(readTotals(piece.totals), readPiece(piece.data).values()),
      )
    : noCounts();
  countPoints(counts, recent.values());
  let newest = piece && newestIn(piece);
  for (const [run, { outcome }] of recent) newest = newestOf(newest, { run, at: starts.get(run)!, outcome });
  return { counts, latest: newest?.outcome ?? null };
}

interface RecentRun extends PlaceKey {
  id: number;
  seq: number | null;
  folded: number;
  startedAt: number;
}

/** The runs of these places that are in no piece. */
async function recentRuns(trx: Trx, places: readonly PlaceKey[]): Promise<RecentRun[]> {
  const { suite } = places[0] ?? { suite: '' };
  const keys = [...new Map(places.map((place) => [`${place.branch} ${place.variant}`, place])).values()];
  if (keys.length === 0) return [];
  const of = (going: boolean) =>
    trx
      .selectFrom('place')
      .innerJoin('run', (join) =>
        join
          .onRef('run.branch', '=', 'place.branch')
          .onRef('run.variant', '=', 'place.variant')
          .onRef('run.suite', '=', 'place.suite'),
      )
      .where('place.suite', '=', suite)
      .where((eb) =>
        eb(
          eb.refTuple('place.branch', 'place.variant'),
          'in',
          keys.map(({ branch, variant }) => eb.tuple(branch, variant)),
        ),
      )
      .where((eb) => (going ? eb('run.seq', 'is', null) : eb('run.seq', '>=', eb.ref('place.folded'))))
      .select(['run.id', 'run.seq', 'run.started_at as startedAt', 'place.folded'])
      .select(['run.branch', 'run.variant', 'run.suite']);
  return of(true).unionAll(of(false)).execute();
}
