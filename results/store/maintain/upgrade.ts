// SPDX-License-Identifier: GPL-2.0-only
import { stat } from 'node:fs/promises';
import { Kysely } from 'kysely';
import { executed } from '../migrate.ts';
import { openStore } from '../open.ts';
import type { Schema } from '../schema.ts';
import { sqliteDialect } from '../sqlite.ts';
import { databaseFile, openExisting } from './open-existing.ts';

export interface UpgradeReport {
  /** The names of the changes that were made; none where the tables were this version's already. */
  made: string[];
  bytesBefore: number;
  bytesAfter: number;
}

/**
 * Brings the tables of an older version up to date, as whatever opens the store for writing does.
 * @throws StoreError where there is no store, or a newer version's
 */
export async function upgradeStore(directory: string): Promise<UpgradeReport> {
  const file = databaseFile(directory);
  const had = new Set(await migrationsOf(directory));
  const bytesBefore = (await stat(file)).size;
  await (await openStore(directory)).close();
  const made = (await migrationsOf(directory)).filter((name) => !had.has(name));
  return { made, bytesBefore, bytesAfter: (await stat(file)).size };
}

async function migrationsOf(directory: string): Promise<string[]> {
  const database = await openExisting(directory, true, 'any');
  try {
    return await executed(new Kysely<Schema>({ dialect: sqliteDialect(database) }));
  } finally {
    database.close();
  }
}
