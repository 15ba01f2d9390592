// SPDX-License-Identifier: GPL-2.0-only
import { isBad } from '../../words.ts';
import { outcomeOf } from '../codes.ts';
import { atLeastNone } from '../limit.ts';
import type { Point } from '../pack/point.ts';
import type { Db, Trx } from '../schema.ts';
import type { FlakyQuery, FlakySeries } from '../types.ts';
import { type Hit, hits, placesOf } from './hits.ts';
import { namesOf } from './names.ts';
import { type PlaceKey, pointsIn, type RunRef } from './points-in.ts';
import { snapshot } from './snapshot.ts';

/** So many are looked at in one go, at least. */
const batch = 64;

type Found = Pick<FlakySeries, 'series' | 'failed' | 'runs' | 'flips'>;

/**
 * Series that both passed and failed in the runs since a time: those that hit most runs first, then those that went to
 * and fro most often. One that failed in all of them is broken, not flaky.
 */
export async function flaky(db: Db, query: FlakyQuery): Promise<FlakySeries[]> {
  const limit = atLeastNone(query.limit);
  return snapshot(db, async (trx) => {
    const candidates = await hits(trx, query);
    const runs = await runsSince(trx, query.since);
    let found: Found[] = [];
    for (let at = 0; at < candidates.length; at += Math.max(batch, limit)) {
      // Nothing can have failed in more runs than it hit: what is left cannot come before what was found.
      const last = found.length < limit ? undefined : found[limit - 1];
      if (limit === 0 || (last && last.failed > candidates[at]!.runs)) break;
      const some = candidates.slice(at, at + Math.max(batch, limit));
      found = [...found, ...(await flakesAmong(trx, some, runs))].sort(byRank);
    }
    const wanted = found.slice(0, limit);
    const series = wanted.map(({ series }) => series);
    const [names, places] = [await namesOf(trx, db, series), await placesOf(trx, series)];
    return wanted.map((row) => {
      const { collection, name, subtest } = names.get(row.series)!;
      const { branchName: branch, variantName: variant } = places.get(row.series)!;
      return { ...row, branch, variant, collection, test: name, subtest };
    });
  });
}

const byRank = (a: Found, b: Found) => b.failed - a.failed || b.flips - a.flips || a.series - b.series;

/** @param runs those since then, by place */
async function flakesAmong(
  trx: Trx,
  candidates: readonly Hit[],
  runs: ReadonlyMap<string, RunRef[]>,
): Promise<Found[]> {
  const places = await placesOf(
    trx,
    candidates.map(({ series }) => series),
  );
  const found: Found[] = [];
  for (const [place, group] of Map.groupBy(candidates, ({ series }) => keyOf(places.get(series)!))) {
    const began = runs.get(place) ?? [];
    const series = group.map((row) => row.series);
    for (const [id, points] of await pointsIn(trx, places.get(series[0]!)!, series, began)) {
      const flake = judged(began, points);
      if (flake) found.push({ series: id, ...flake });
    }
  }
  return found;
}

/** Null for what did not fail, or in all runs in which it said something. @param runs in the order in which they began */
function judged(runs: readonly RunRef[], points: ReadonlyMap<number, Point>): Omit<Found, 'series'> | null {
  const outcomes = runs.flatMap(({ id }) => (points.has(id) ? outcomeOf(points.get(id)!.outcome) : []));
  const said = outcomes.filter((outcome) => outcome !== 'skip').map(isBad);
  const failed = said.filter(Boolean).length;
  if (failed === 0 || failed === said.length) return null;
  const flips = said.filter((bad, i) => i > 0 && bad !== said[i - 1]).length;
  return { failed, runs: said.length, flips };
}

const keyOf = ({ branch, variant, suite }: PlaceKey) => `${branch} ${variant} ${suite}`;

/** Those that are over, by place, in the order in which they began. */
async function runsSince(trx: Trx, since: number): Promise<Map<string, RunRef[]>> {
  const runs = await trx
    .selectFrom('run')
    .select(['id', 'seq', 'branch', 'variant', 'suite'])
    .where('started_at', '>=', since)
    .where('seq', 'is not', null)
    .orderBy('started_at')
    .orderBy('id')
    .execute();
  return Map.groupBy(runs, keyOf);
}
