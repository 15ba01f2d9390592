// SPDX-License-Identifier: GPL-2.0-only
import type { Db, RunRow } from '../schema.ts';
import { sealStored } from './seal.ts';

/**
 * Packs runs that ended and are not packed. A process of an older version that had the database open while its tables
 * were changed can still close its run, and knows nothing of packing.
 */
export async function sealLeft(db: Db): Promise<void> {
  if ((await left(db)).length === 0) return;
  await db.transaction().execute(async (trx) => {
    for (const run of await left(trx)) await sealStored(trx, run);
  });
}

async function left(db: Db): Promise<RunRow[]> {
  return db
    .selectFrom('run')
    .selectAll()
    .where('finished_at', 'is not', null)
    .where('seq', 'is', null)
    .orderBy('started_at')
    .orderBy('id')
    .execute();
}
