// SPDX-License-Identifier: GPL-2.0-only
import { noCounts, outcomes } from '../../words.ts';
import { chunks } from '../chunks.ts';
import type { Trx } from '../schema.ts';
import { totalsUntil } from '../totals-until.ts';
import { alike, apply, type Change } from './change.ts';

/**
 * Keeps the running totals of each series. A row holds the counts of all days up to its own, so the difference of
 * two rows is any range of days. Results of an earlier day than the newest add to every day after theirs.
 * @param day UTC days since 1970
 */
export async function updateRollups(trx: Trx, day: number, changes: readonly Change[]): Promise<void> {
  for (const part of chunks(changes)) await writeDay(trx, day, part);
  for (const group of alike(changes)) await shiftLaterDays(trx, day, group);
}

async function writeDay(trx: Trx, day: number, changes: Change[]): Promise<void> {
  const totals = await totalsUntil(
    trx,
    changes.map((change) => change.series),
    day,
  );
  const rows = changes.map((change) => {
    const counts = totals.get(change.series) ?? noCounts();
    apply(counts, change);
    return { series: change.series, day, ...counts };
  });
  await trx
    .insertInto('rollup')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['series', 'day'])
        .doUpdateSet((eb) =>
          Object.fromEntries(outcomes.map((outcome) => [outcome, eb.ref(`excluded.${outcome}`)])),
        ),
    )
    .execute();
}

async function shiftLaterDays(trx: Trx, day: number, changes: Change[]): Promise<void> {
  const { before, after } = changes[0]!;
  if (before === after) return;
  for (const part of chunks(changes)) {
    await trx
      .updateTable('rollup')
      .set((eb) => ({
        [after]: eb(after, '+', 1),
        ...(before === null ? {} : { [before]: eb(before, '-', 1) }),
      }))
      .where(
        'series',
        'in',
        part.map((change) => change.series),
      )
      .where('day', '>', day)
      .execute();
  }
}
