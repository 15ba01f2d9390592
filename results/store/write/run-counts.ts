// SPDX-License-Identifier: GPL-2.0-only
import type { Trx } from '../schema.ts';
import { apply, type Change } from './change.ts';

/** Keeps a run's totals of tests and of subtests. */
export async function updateRunCounts(trx: Trx, run: number, changes: readonly Change[]): Promise<void> {
  const rows = await trx.selectFrom('run_count').selectAll().where('run', '=', run).execute();
  for (const { run: _, level, ...counts } of rows) {
    for (const change of changes) if (change.level === level) apply(counts, change);
    await trx
      .updateTable('run_count')
      .set(counts)
      .where('run', '=', run)
      .where('level', '=', level)
      .execute();
  }
}
