// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import type { Schema } from '../schema.ts';
import { openSqlite, sqliteDialect } from '../sqlite.ts';
import { aRun, aTest, dayMs, morning, scratch } from '../test-support.ts';
import { pointsOf } from './history.ts';

test('the points of a rare series cost as much among many runs as among few', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  const end = { state: 'complete' as const, finishedAt: morning, reason: '' };
  const add = (n: number, name: string) =>
    store.addRun(
      aRun({ startedAt: morning + n * dayMs, revision: { name: `v${n}`, position: n } }),
      [aTest({ name, message: `of ${n}` })],
      end,
    );
  const reads = new Kysely<Schema>({
    dialect: sqliteDialect(openSqlite(path.join(directory, 'multitap.db'), true)),
    log: () => void queries++,
  });
  onTestFinished(() => reads.destroy());
  let queries = 0;
  const asked = async (limit: number) => {
    queries = 0;
    const points = await pointsOf(reads, 1, limit);
    return { revisions: points.map(({ revision }) => revision), queries };
  };

  for (const n of [0, 200, 1]) await add(n, 'rare.sh');
  for (let n = 2; n < 80; n++) await add(n, 'usual.sh');
  const few = await asked(2);
  expect(few.revisions).toEqual(['v200', 'v1']);
  for (let n = 300; n < 600; n++) await add(n, 'usual.sh');
  const many = await asked(2);
  expect(many.revisions).toEqual(few.revisions);
  expect(many.queries).toBeLessThanOrEqual(few.queries + 1);
  expect((await asked(10)).revisions).toEqual(['v200', 'v1', 'v0']);
  // One that reports late, and one that goes on, are found as well.
  await add(599.5, 'rare.sh');
  const going = aRun({ startedAt: morning + 700 * dayMs, revision: { name: 'now', position: 700 } });
  await store.startRun(going);
  await store.addTest(going.uuid, aTest({ name: 'rare.sh' }));
  expect((await asked(10)).revisions).toEqual(['now', 'v599.5', 'v200', 'v1', 'v0']);
  expect(await asked(0)).toMatchObject({ revisions: [] });
  await store.close();
});
