// SPDX-License-Identifier: GPL-2.0-only
import { type Counts, noCounts } from '../../words.ts';
import { chunks } from '../chunks.ts';
import { countPoints, type Point, readPiece, readTotals } from '../pack/point.ts';
import type { Trx } from '../schema.ts';
import { lastPieces } from './last-pieces.ts';
import { newestRuns } from './newest-runs.ts';
import { fromPackets, fromRows, type PlaceKey, type PointsBySeries, pointsIn } from './points-in.ts';

/** How a series stands. */
export interface Standing {
  /** All that it ever came to, by the last attempt in each run. */
  counts: Counts;
  /** The code of what it came to in the run that began last; null for one that never ran. */
  latest: number | null;
}

/** In so many of the newest runs a series is looked for, where runs came late. */
const looked = 16;

/**
 * How series stand, of any places: the totals of the newest piece of each history with its points, and the runs that
 * are in no piece yet.
 */
export async function standings(
  trx: Trx,
  series: readonly (PlaceKey & { id: number })[],
): Promise<Map<number, Standing>> {
  const recent: PointsBySeries = new Map(series.map(({ id }) => [id, new Map()]));
  const runs = await recentRuns(trx, series);
  const ids = (over: boolean) =>
    runs
      .filter(({ seq, folded }) => (over ? seq !== null && seq >= folded : seq === null))
      .map(({ id }) => id);
  if (ids(false).length > 0) await fromRows(trx, ids(false), recent);
  await fromPackets(trx, ids(true), recent);
  const starts = new Map(runs.map((run) => [run.id, run]));

  const standing = new Map<number, Standing>();
  for (const part of chunks(series)) {
    const pieces = await lastPieces(
      trx,
      part.map(({ id }) => id),
    );
    for (const one of part) {
      const piece = pieces.get(one.id);
      const old = piece ? [...readPiece(piece.data).values()] : [];
      const counts = countPoints(piece ? readTotals(piece.totals) : noCounts(), old);
      const points = recent.get(one.id)!;
      countPoints(counts, points.values());
      const newest = newestOf(points, starts);
      const late = newest !== null && newest.startedAt < foldedUntil(runs, one);
      const latest = late ? await searched(trx, one) : (newest?.point.outcome ?? old.at(-1)?.outcome ?? null);
      standing.set(one.id, { counts, latest });
    }
  }
  return standing;
}

interface RecentRun extends PlaceKey {
  id: number;
  seq: number | null;
  folded: number;
  startedAt: number;
}

/** The runs of these places that are in no piece, and of each the last one that is. */
async function recentRuns(trx: Trx, places: readonly PlaceKey[]): Promise<RecentRun[]> {
  const { suite } = places[0] ?? { suite: '' };
  const keys = [...new Map(places.map((place) => [`${place.branch} ${place.variant}`, place])).values()];
  if (keys.length === 0) return [];
  const of = (last: boolean) =>
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
      .where((eb) => (last ? eb('run.seq', 'is', null) : eb('run.seq', '>=', eb('place.folded', '-', 1))))
      .select(['run.id', 'run.seq', 'run.started_at as startedAt', 'place.folded'])
      .select(['run.branch', 'run.variant', 'run.suite']);
  return of(true).unionAll(of(false)).execute();
}

function newestOf(points: Map<number, Point>, runs: Map<number, RecentRun>) {
  let newest: { id: number; startedAt: number; point: Point } | null = null;
  for (const [id, point] of points) {
    const { startedAt } = runs.get(id)!;
    const isNewer =
      !newest || startedAt > newest.startedAt || (startedAt === newest.startedAt && id > newest.id);
    if (isNewer) newest = { id, startedAt, point };
  }
  return newest;
}

/** When the last run of a place began that is in the pieces: one that began before it came late. */
function foldedUntil(runs: readonly RecentRun[], place: PlaceKey): number {
  const last = runs.find(
    ({ branch, variant, seq, folded }) =>
      branch === place.branch && variant === place.variant && seq === folded - 1,
  );
  return last?.startedAt ?? 0;
}

async function searched(trx: Trx, series: PlaceKey & { id: number }): Promise<number | null> {
  const runs = await newestRuns(trx, series, looked);
  const points = (await pointsIn(trx, series, [series.id], runs)).get(series.id)!;
  const newest = runs.find(({ id }) => points.has(id));
  return newest ? points.get(newest.id)!.outcome : null;
}
