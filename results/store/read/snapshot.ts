// SPDX-License-Identifier: GPL-2.0-only
import type { Db, Trx } from '../schema.ts';

const owners = new WeakMap<Trx, Db>();

/** Runs several queries on one state of the database, without keeping writers out. */
export async function snapshot<T>(db: Db, read: (trx: Trx) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setAccessMode('read only')
    .execute((trx) => {
      owners.set(trx, db);
      return read(trx);
    });
}

/** The database of a snapshot: what was read of it and never changes is kept by it. */
export function ownerOf(trx: Trx): Db {
  const db = owners.get(trx);
  if (!db) throw new TypeError('not in a snapshot');
  return db;
}
