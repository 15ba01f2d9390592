// SPDX-License-Identifier: GPL-2.0-only
import { noCounts } from '../../words.ts';
import type { Db } from '../schema.ts';
import { totalsUntil } from '../totals-until.ts';
import type { SeriesHistory } from '../types.ts';
import { points } from './points.ts';
import { elsewhere, subtests } from './related.ts';
import { findSeries, parentOf } from './series.ts';
import { snapshot } from './snapshot.ts';

/** A series with its newest points and its neighbours; null where there is none. */
export async function history(db: Db, series: number, limit: number): Promise<SeriesHistory | null> {
  return snapshot(db, async (trx) => {
    const found = await findSeries(trx, series);
    if (!found) return null;
    const parent = await parentOf(trx, found);
    return {
      series,
      branch: found.branch,
      variant: found.variant,
      suite: found.suite,
      collection: found.collection,
      test: found.test,
      subtest: found.subtest,
      counts: (await totalsUntil(trx, [series])).get(series) ?? noCounts(),
      points: await points(trx, found, parent ?? series, limit),
      elsewhere: await elsewhere(trx, found),
      subtests: parent === null ? await subtests(trx, found) : [],
      parent,
    };
  });
}
