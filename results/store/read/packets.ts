// SPDX-License-Identifier: GPL-2.0-only
import { type Point, pointsOfRun } from '../pack/point.ts';
import { unpackRun } from '../pack/run.ts';
import type { Db, Trx } from '../schema.ts';
import { among } from './among.ts';
import { intact } from './intact.ts';
import { ownerOf } from './snapshot.ts';

/** Points that are kept unpacked for a store, over all runs: some 60 MB. */
const usual = 400_000;

interface Cache {
  runs: Map<number, Map<number, Point>>;
  points: number;
}

const caches = new WeakMap<Db, Cache>();

/**
 * The last attempts in runs that are over, by run and series. Every history of a place asks for its newest runs, and a
 * run that is over never changes: these are kept unpacked, those that were asked for last the longest.
 * @param most points to keep
 */
export async function packets(
  trx: Trx,
  runs: readonly number[],
  most = usual,
): Promise<Map<number, Map<number, Point>>> {
  const db = ownerOf(trx);
  const cache = caches.get(db) ?? { runs: new Map(), points: 0 };
  caches.set(db, cache);
  const found = new Map<number, Map<number, Point>>();
  const asked = new Set(runs);
  for (const run of runs) {
    const points = cache.runs.get(run);
    if (!points) continue;
    found.set(run, points);
    cache.runs.delete(run);
    cache.runs.set(run, points);
  }
  const missing = runs.filter((run) => !found.has(run));
  if (missing.length === 0) return found;
  const rows = await trx
    .selectFrom('packed_run')
    .select(['run', 'data'])
    .where(among('run', missing))
    .execute();
  for (const { run, data } of rows) {
    const points = intact(`Run ${run}`, () => pointsOfRun(unpackRun(data)));
    found.set(run, points);
    makeRoom(cache, most - points.size, asked);
    if (cache.points + points.size > most) continue;
    cache.runs.set(run, points);
    cache.points += points.size;
  }
  return found;
}

/**
 * Forgets what was asked for longest ago, but nothing that is asked for right now: of runs that are too many for the
 * cache some stay in it, rather than each driving out the one that is asked for next.
 */
function makeRoom(cache: Cache, most: number, asked: ReadonlySet<number>): void {
  for (const [oldest, { size }] of cache.runs) {
    if (cache.points <= most || asked.has(oldest)) return;
    cache.runs.delete(oldest);
    cache.points -= size;
  }
}
