// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { Kysely, sql } from 'kysely';
import { expect, test } from 'vitest';
import { configure, openSqlite, sqliteDialect } from './sqlite.ts';
import { scratch } from './test-support.ts';

test('a full disk is told as such, and what was there before stays', async ({ onTestFinished }) => {
  const database = openSqlite(path.join(await scratch(onTestFinished), 'multitap.db'), false);
  await configure(database, false);
  database.exec('CREATE TABLE much (text TEXT) STRICT');
  const db = new Kysely<{ much: { text: string } }>({ dialect: sqliteDialect(database) });
  await db.insertInto('much').values({ text: 'before' }).execute();
  database.pragma('max_page_count = 10');
  const fill = db.transaction().execute(async (trx) => {
    for (let n = 0; n < 100; n++)
      await trx
        .insertInto('much')
        .values({ text: 'x'.repeat(4000) })
        .execute();
  });
  await expect(fill).rejects.toThrow(/no space left for .*multitap\.db.*Make space/s);
  expect(await db.selectFrom('much').selectAll().execute()).toEqual([{ text: 'before' }]);
  await db.transaction().execute((trx) => trx.insertInto('much').values({ text: 'after' }).execute());
  await db.destroy();
});

test('writers begin with the lock, readers keep none out', async ({ onTestFinished }) => {
  const file = path.join(await scratch(onTestFinished), 'multitap.db');
  const [one, two] = [openSqlite(file, false), openSqlite(file, false)];
  await configure(one, false);
  const db = new Kysely<unknown>({ dialect: sqliteDialect(one) });
  const write = () => two.exec('BEGIN IMMEDIATE; ROLLBACK');
  two.pragma('busy_timeout = 0');
  await db.transaction().execute(async () => expect(write).toThrow(/locked/));
  await db
    .transaction()
    .setAccessMode('read only')
    .execute(async (trx) => {
      await sql`select * from sqlite_schema`.execute(trx);
      expect(write).not.toThrow();
    });
  await db.destroy();
  two.close();
});
