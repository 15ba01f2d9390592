// SPDX-License-Identifier: GPL-2.0-only
import type { Db, Trx } from '../schema.ts';

/** Runs several queries on one state of the database, without keeping writers out. */
export async function snapshot<T>(db: Db, read: (trx: Trx) => Promise<T>): Promise<T> {
  return db.transaction().setAccessMode('read only').execute(read);
}
