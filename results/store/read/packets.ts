// SPDX-License-Identifier: GPL-2.0-only
import { chunks } from '../chunks.ts';
import { type Point, pointsOfRun } from '../pack/point.ts';
import { unpackRun } from '../pack/run.ts';
import type { Db, Trx } from '../schema.ts';
import { ownerOf } from './snapshot.ts';

/** Points that are kept unpacked for a store, over all runs: some 60 MB. */
const most = 400_000;

interface Cache {
  runs: Map<number, Map<number, Point>>;
  points: number;
}

const caches = new WeakMap<Db, Cache>();

/**
 * The last attempts in runs that are over, by run and series. Every history of a place asks for its newest runs, and a
 * run that is over never changes: these are kept unpacked, those that were asked for last the longest.
 */
export async function packets(trx: Trx, runs: readonly number[]): Promise<Map<number, Map<number, Point>>> {
  const db = ownerOf(trx);
  const cache = caches.get(db) ?? { runs: new Map(), points: 0 };
  caches.set(db, cache);
  const found = new Map<number, Map<number, Point>>();
  for (const run of runs) {
    const points = cache.runs.get(run);
    if (!points) continue;
    found.set(run, points);
    cache.runs.delete(run);
    cache.runs.set(run, points);
  }
  for (const part of chunks(runs.filter((run) => !found.has(run)))) {
    const rows = await trx
      .selectFrom('packed_run')
      .select(['run', 'data'])
      .where('run', 'in', part)
      .execute();
    for (const { run, data } of rows) {
      const points = pointsOfRun(unpackRun(data));
      found.set(run, points);
      cache.runs.set(run, points);
      cache.points += points.size;
    }
  }
  forget(cache);
  return found;
}

function forget(cache: Cache): void {
  for (const [oldest, { size }] of cache.runs) {
    if (cache.points <= most) return;
    cache.runs.delete(oldest);
    cache.points -= size;
  }
}
