// SPDX-License-Identifier: GPL-2.0-only
import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { StoreError } from './error.ts';
import { firstLight } from './migrations/0001-first-light.ts';
import { crashes } from './migrations/0002-crashes.ts';
import { packed } from './migrations/0003-packed.ts';
import { search } from './migrations/0004-search.ts';
import { longMessages } from './migrations/0005-long-messages.ts';
import type { Db } from './schema.ts';

/** In order of their names. One that was released is never changed: append. */
export const migrations: Record<string, Migration> = {
  '0001-first-light': firstLight,
  '0002-crashes': crashes,
  '0003-packed': packed,
  '0004-search': search,
  '0005-long-messages': longMessages,
};

/**
 * Brings the database to this version's schema, in one transaction: processes that open it at once do it once.
 * @returns whether there was something to do
 * @throws StoreError where a newer multitap has been there
 */
export async function migrate(db: Db, file: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    refuseNewer(await executed(trx), file);
    const migrator = new Migrator({ db: trx, provider: { getMigrations: async () => migrations } });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return results.length > 0;
  });
}

/** For what may not migrate. @throws StoreError where the schema is newer, older or not there */
export async function checkVersion(db: Db, file: string): Promise<void> {
  const names = await executed(db);
  refuseNewer(names, file);
  if (names.length === Object.keys(migrations).length) return;
  throw new StoreError({
    happened: `${file} has the tables of an older multitap (${names.at(-1) ?? 'none yet'}).`,
    expected: `${Object.keys(migrations).at(-1)} was expected; nothing was changed.`,
    todo: 'Bring it up to date with `multitap db upgrade`, or by any `multitap run`.',
  });
}

function refuseNewer(names: string[], file: string): void {
  const unknown = names.filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length === 0) return;
  throw new StoreError({
    happened: `${file} was written by a newer multitap: it has ${unknown.join(', ')}.`,
    expected: `This version knows the tables up to ${Object.keys(migrations).at(-1)}; nothing was changed.`,
    todo: 'Update multitap, or use another folder for its results.',
  });
}

/** The names of the migrations that this database has had, in order. */
export async function executed(db: Db): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}
