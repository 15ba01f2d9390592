// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import type { Schema } from '../schema.ts';
import { openSqlite, sqliteDialect } from '../sqlite.ts';
import { aRun, scratch } from '../test-support.ts';
import { SeriesCache } from './series-cache.ts';

test('so many series are remembered, and no more', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  await store.startRun(aRun());
  await store.close();
  const database = openSqlite(path.join(directory, 'multitap.db'), false);
  const db = new Kysely<Schema>({ dialect: sqliteDialect(database) });
  onTestFinished(() => db.destroy());

  const place = { branch: 1, variant: 1, suite: 'mptcp' };
  const find = async (name: string, subtests: number) => {
    const cache = new SeriesCache(db, 50);
    const names = ['', ...Array.from({ length: subtests }, (_, i) => `part ${i}`)];
    const found = await db
      .transaction()
      .execute((trx) => cache.find(trx, place, { collection: 'c', name }, names));
    cache.keep();
    expect(names.every((one) => found.has(one))).toBe(true);
    return cache.size;
  };
  expect(await find('a.sh', 9)).toBe(10);
  expect(await find('a.sh', 19)).toBe(20);
  for (const name of ['b.sh', 'c.sh', 'd.sh', 'a.sh', 'e.sh'])
    expect(await find(name, 19)).toBeLessThanOrEqual(50);
  // One that is larger than all that may be remembered is not.
  expect(await find('huge.sh', 200)).toBeLessThanOrEqual(50);
  const rows = database.prepare('SELECT count(*) FROM series').pluck().get();
  expect(rows).toBe(5 * 20 + 201);
});
