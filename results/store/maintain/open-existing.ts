// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import type Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { checkOwner, hasDatabase } from '../check-file.ts';
import { StoreError } from '../error.ts';
import { checkVersion } from '../migrate.ts';
import type { Schema } from '../schema.ts';
import { configure, openSqlite, sqliteDialect } from '../sqlite.ts';
import { explain } from '../sqlite-error.ts';

export function databaseFile(directory: string): string {
  return path.join(directory, 'multitap.db');
}

/**
 * Opens a store's database past the store: for what looks after the file itself.
 * @param tables `ours`: those of this version; `any`: for a copy, which need not understand them
 * @throws StoreError where there is none, and where another version of multitap keeps it
 */
export async function openExisting(
  directory: string,
  readOnly: boolean,
  tables: 'ours' | 'any',
): Promise<Database.Database> {
  const file = databaseFile(directory);
  if (!(await hasDatabase(file))) {
    throw new StoreError({
      happened: `There are no results in ${directory}.`,
      expected: 'A multitap.db was expected there.',
      todo: 'Name the directory that has the results.',
    });
  }
  const database = explain(file, () => openSqlite(file, readOnly));
  try {
    explain(file, () => checkOwner(database));
    await configure(database, readOnly);
    if (tables === 'ours') await checkVersion(new Kysely<Schema>({ dialect: sqliteDialect(database) }), file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
