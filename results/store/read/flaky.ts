// SPDX-License-Identifier: GPL-2.0-only
import { isBad } from '../../words.ts';
import { outcomeOf } from '../codes.ts';
import type { Db, Trx } from '../schema.ts';
import type { FlakyQuery, FlakySeries } from '../types.ts';
import { namesOf } from './names.ts';
import { type PlaceKey, pointsIn, type RunRef } from './points-in.ts';
import { snapshot } from './snapshot.ts';

/** More are looked at than are wanted: the broken ones among them are no flakes. */
const spare = 2;

/**
 * Series that both passed and failed in the runs since a time: those that hit most runs first, then those that went to
 * and fro most often. One that failed in all of them is broken, not flaky.
 */
export async function flaky(db: Db, query: FlakyQuery): Promise<FlakySeries[]> {
  return snapshot(db, async (trx) => {
    const candidates = await mostHit(trx, query);
    const found: Omit<FlakySeries, 'collection' | 'test' | 'subtest'>[] = [];
    for (const group of Map.groupBy(
      candidates,
      (row) => `${row.branch} ${row.variant} ${row.suite}`,
    ).values()) {
      const { branch, variant, suite, branchName, variantName } = group[0]!;
      const runs = await runsSince(trx, { branch, variant, suite }, query.since);
      const series = group.map((row) => row.series);
      for (const [id, points] of await pointsIn(trx, { branch, variant, suite }, series, runs)) {
        const outcomes = runs.flatMap(({ id }) => (points.has(id) ? outcomeOf(points.get(id)!.outcome) : []));
        const said = outcomes.filter((outcome) => outcome !== 'skip').map(isBad);
        const failed = said.filter(Boolean).length;
        const flips = said.filter((bad, i) => i > 0 && bad !== said[i - 1]).length;
        if (failed === 0 || failed === said.length) continue;
        found.push({
          series: id,
          branch: branchName,
          variant: variantName,
          failed,
          runs: said.length,
          flips,
        });
      }
    }
    found.sort((a, b) => b.failed - a.failed || b.flips - a.flips || a.series - b.series);
    const wanted = found.slice(0, query.limit);
    const names = await namesOf(
      trx,
      db,
      wanted.map(({ series }) => series),
    );
    return wanted.map((row) => {
      const { collection, name, subtest } = names.get(row.series)!;
      return { ...row, collection, test: name, subtest };
    });
  });
}

async function mostHit(trx: Trx, { branch, since, limit }: FlakyQuery) {
  return trx
    .with('hit', (db) =>
      db
        .selectFrom('run')
        .innerJoin('failure', 'failure.run', 'run.id')
        .$if(branch !== undefined, (query) =>
          query.where('run.branch', '=', (eb) =>
            eb.selectFrom('branch').select('id').where('name', '=', branch!),
          ),
        )
        .where('run.started_at', '>=', since)
        .groupBy('failure.series')
        .select(['failure.series', (eb) => eb.fn.countAll<number>().as('failed')])
        .orderBy('failed', 'desc')
        .orderBy('failure.series')
        .limit(limit * spare),
    )
    .selectFrom('hit')
    .innerJoin('series', 'series.id', 'hit.series')
    .innerJoin('name', 'name.id', 'series.name')
    .innerJoin('test', 'test.id', 'name.test')
    .innerJoin('branch', 'branch.id', 'series.branch')
    .innerJoin('variant', 'variant.id', 'series.variant')
    .select(['hit.series', 'series.branch', 'series.variant', 'test.suite'])
    .select(['branch.name as branchName', 'variant.name as variantName'])
    .execute();
}

/** In the order in which they began. */
async function runsSince(trx: Trx, place: PlaceKey, since: number): Promise<RunRef[]> {
  return trx
    .selectFrom('run')
    .select(['id', 'seq'])
    .where('branch', '=', place.branch)
    .where('variant', '=', place.variant)
    .where('suite', '=', place.suite)
    .where('started_at', '>=', since)
    .where('seq', 'is not', null)
    .orderBy('started_at')
    .orderBy('id')
    .execute();
}
