// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import type { Schema } from '../schema.ts';
import { openSqlite, sqliteDialect } from '../sqlite.ts';
import { aRun, aSubtest, aTest, morning, scratch } from '../test-support.ts';
import { packets } from './packets.ts';
import { snapshot } from './snapshot.ts';

test('runs that are too many for the cache do not drive each other out', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  const subtests = Array.from({ length: 99 }, (_, i) => aSubtest(`part ${i}`));
  for (let n = 0; n < 8; n++) {
    const end = { state: 'complete' as const, finishedAt: morning, reason: '' };
    await store.addRun(aRun(), [aTest({ subtests })], end);
  }
  await store.close();

  const read: unknown[] = [];
  const db = new Kysely<Schema>({
    dialect: sqliteDialect(openSqlite(path.join(directory, 'multitap.db'), true)),
    log: ({ query: { sql, parameters } }) =>
      void (sql.includes('packed_run') && read.push(...JSON.parse(parameters[0] as string))),
  });
  onTestFinished(() => db.destroy());
  const asked = async (...runs: number[]) => {
    read.length = 0;
    const found = await snapshot(db, (trx) => packets(trx, runs, 400));
    expect([...found].map(([, points]) => points.size)).toEqual(runs.map(() => 100));
    return read;
  };
  expect(await asked(1, 2, 3, 4, 5, 6)).toHaveLength(6);
  expect(await asked(1, 2, 3, 4, 5, 6)).toHaveLength(2);
  expect(await asked(1, 2, 3, 4)).toEqual([]);
  // What was asked for longest ago goes first.
  await asked(1);
  expect(await asked(7)).toEqual([7]);
  expect(await asked(7, 1, 4)).toEqual([]);
  expect(await asked(2)).toEqual([2]);
});
