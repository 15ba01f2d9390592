// SPDX-License-Identifier: GPL-2.0-only
import { type Counts, noCounts } from '../../words.ts';
import { dayOf } from '../day.ts';
import { countPoints } from '../pack/point.ts';
import type { Db } from '../schema.ts';
import { pointsIn } from './points-in.ts';
import { findSeries } from './series.ts';
import { snapshot } from './snapshot.ts';

const dayMs = 86_400_000;

/** What a series came to in the runs that started on the UTC days from that of `from` up to and with that of `to`. */
export async function countsBetween(db: Db, series: number, from: number, to: number): Promise<Counts> {
  return snapshot(db, async (trx) => {
    const found = await findSeries(trx, series);
    if (!found) return noCounts();
    const place = { branch: found.branchId, variant: found.variantId, suite: found.suite };
    const runs = await trx
      .selectFrom('run')
      .select(['id', 'seq'])
      .where('branch', '=', place.branch)
      .where('variant', '=', place.variant)
      .where('suite', '=', place.suite)
      .where('started_at', '>=', dayOf(from) * dayMs)
      .where('started_at', '<', (dayOf(to) + 1) * dayMs)
      .execute();
    return countPoints(noCounts(), (await pointsIn(trx, place, [series], runs)).get(series)!.values());
  });
}
