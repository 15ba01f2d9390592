// SPDX-License-Identifier: GPL-2.0-only
import { type Counts, noCounts, outcomes } from '../../words.ts';
import { dayOf } from '../day.ts';
import type { Db } from '../schema.ts';
import { totalsUntil } from '../totals-until.ts';
import { snapshot } from './snapshot.ts';

/**
 * What a series came to in the runs that started on the UTC days from that of `from` up to and with that of `to`.
 * Two rows, however long the range is.
 */
export async function countsBetween(db: Db, series: number, from: number, to: number): Promise<Counts> {
  return snapshot(db, async (trx) => {
    const totalUntil = async (day: number) =>
      (await totalsUntil(trx, [series], day)).get(series) ?? noCounts();
    const until = await totalUntil(dayOf(to));
    const before = await totalUntil(Math.min(dayOf(from) - 1, dayOf(to)));
    return Object.fromEntries(
      outcomes.map((outcome) => [outcome, until[outcome] - before[outcome]]),
    ) as Counts;
  });
}
