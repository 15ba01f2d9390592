// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openStore } from './index.ts';
import { migrations } from './migrate.ts';
import { dump, scratch, tamper } from './test-support.ts';

test('a new database has every migration, and opening it again changes nothing', async ({
  onTestFinished,
}) => {
  const directory = await scratch(onTestFinished);
  await (await openStore(directory)).close();
  const fresh = dump(directory);
  expect(fresh.kysely_migration).toMatchObject(Object.keys(migrations).map((name) => ({ name })));
  await (await openStore(directory)).close();
  expect(dump(directory)).toEqual(fresh);
});

test('opened at once by many, it is made once', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const stores = await Promise.all(Array.from({ length: 8 }, () => openStore(directory)));
  await Promise.all(stores.map((store) => store.close()));
  expect(dump(directory).kysely_migration).toHaveLength(Object.keys(migrations).length);
});

test("a newer multitap's database is refused, for writing and for reading", async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await (await openStore(directory)).close();
  tamper(
    directory,
    "INSERT INTO kysely_migration VALUES ('9999-from-the-future', '2030-01-01T00:00:00.000Z')",
  );
  const before = dump(directory);
  const words = /newer multitap.*9999-from-the-future.*knows the tables up to.*Update multitap/s;
  await expect(openStore(directory)).rejects.toThrow(words);
  await expect(openStore(directory, { readOnly: true })).rejects.toThrow(words);
  expect(dump(directory)).toEqual(before);
});

test('a reader does not take the tables of an older multitap', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await (await openStore(directory)).close();
  tamper(directory, 'DELETE FROM kysely_migration');
  await expect(openStore(directory, { readOnly: true })).rejects.toThrow(/older multitap.*db upgrade/s);
});

test('every table is STRICT', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await (await openStore(directory)).close();
  const database = new Database(path.join(directory, 'multitap.db'), { readonly: true });
  const loose = database.prepare(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict",
  );
  const names = loose.pluck().all() as string[];
  database.close();
  expect(names.filter((name) => !/^(sqlite|kysely)_/.test(name))).toEqual([]);
});
