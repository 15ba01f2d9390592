// SPDX-License-Identifier: GPL-2.0-only
import type { Db } from '../schema.ts';
import type { HistoryPoint, SeriesHistory } from '../types.ts';
import { points } from './points.ts';
import { everywhere, subtests } from './related.ts';
import { findSeries } from './series.ts';
import { snapshot } from './snapshot.ts';

/** A series with its newest points and its neighbours; null where there is none. */
export async function history(db: Db, series: number, limit: number): Promise<SeriesHistory | null> {
  return snapshot(db, async (trx) => {
    const found = await findSeries(trx, series);
    if (!found) return null;
    const { parent } = found;
    const { counts, others } = await everywhere(trx, found);
    return {
      series,
      branch: found.branch,
      variant: found.variant,
      suite: found.suite,
      collection: found.collection,
      test: found.test,
      subtest: found.subtest,
      counts,
      points: await points(trx, found, parent ?? series, limit),
      elsewhere: others,
      subtests: parent === null ? await subtests(trx, found) : [],
      parent,
    };
  });
}

/** The newest points of a series, newest first; none for one that is not there. */
export async function pointsOf(db: Db, series: number, limit: number): Promise<HistoryPoint[]> {
  return snapshot(db, async (trx) => {
    const found = await findSeries(trx, series);
    return found ? points(trx, found, found.parent ?? series, limit) : [];
  });
}
