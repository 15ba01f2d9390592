// SPDX-License-Identifier: GPL-2.0-only
import { StoreError } from '../error.ts';
import type { Db, RunRow } from '../schema.ts';
import { boundName } from '../text.ts';

/** @throws StoreError where no run was started with this UUID */
export async function findRun(db: Db, uuid: string): Promise<RunRow> {
  const run = await db
    .selectFrom('run')
    .selectAll()
    .where('uuid', '=', uuid.toLowerCase())
    .executeTakeFirst();
  if (run) return run;
  throw new StoreError({
    happened: `There is no run ${boundName(uuid)} in this store.`,
    expected: 'A run is started before its tests are recorded.',
    todo: 'Call startRun with this UUID first, on the same directory.',
  });
}
