// SPDX-License-Identifier: GPL-2.0-only
import { outcomeOf } from '../codes.ts';
import { atLeastNone } from '../limit.ts';
import type { Db, Trx } from '../schema.ts';
import type { Grid, GridQuery } from '../types.ts';
import { newestRuns } from './newest-runs.ts';
import { type PlaceKey, pointsIn } from './points-in.ts';
import { snapshot } from './snapshot.ts';

/** Series × the newest runs of a branch on a variant; null where a suite never ran there. */
export async function grid(db: Db, query: GridQuery): Promise<Grid | null> {
  return snapshot(db, async (trx) => {
    const place = await findPlace(trx, query);
    if (!place) return null;
    const runs = await newestRuns(trx, place, atLeastNone(query.runs));
    const series = await rowsOf(trx, place, query);
    const points = await pointsIn(
      trx,
      place,
      series.map(({ series }) => series),
      runs,
    );
    return {
      runs: runs.map(({ id, revision, startedAt }) => ({ id, revision, startedAt })),
      rows: series.map((row) => {
        const own = points.get(row.series)!;
        const cells = runs.map(({ id }) => (own.has(id) ? outcomeOf(own.get(id)!.outcome) : null));
        return { ...row, cells };
      }),
    };
  });
}

async function findPlace(trx: Trx, { branch, variant, suite }: GridQuery): Promise<PlaceKey | null> {
  const found = await trx
    .selectFrom('run')
    .innerJoin('branch', 'branch.id', 'run.branch')
    .innerJoin('variant', 'variant.id', 'run.variant')
    .where('branch.name', '=', branch)
    .where('variant.name', '=', variant)
    .where('run.suite', '=', suite)
    .select(['run.branch', 'run.variant', 'run.suite'])
    .limit(1)
    .executeTakeFirst();
  return found ?? null;
}

async function rowsOf(trx: Trx, place: PlaceKey, { level, rows, after }: GridQuery) {
  return trx
    .selectFrom('test')
    .innerJoin('name', 'name.test', 'test.id')
    .innerJoin('series', 'series.name', 'name.id')
    .where('test.suite', '=', place.suite)
    .where('series.branch', '=', place.branch)
    .where('series.variant', '=', place.variant)
    .$if(level === 'tests', (query) => query.where('name.subtest', '=', ''))
    .select(['series.id as series', 'test.collection', 'test.name as test', 'name.subtest'])
    .orderBy('test.collection')
    .orderBy('test.name')
    .orderBy('name.subtest')
    .limit(atLeastNone(rows))
    .offset(atLeastNone(after))
    .execute();
}
