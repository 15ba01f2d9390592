// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { expect, test } from 'vitest';
import { checkStore, openStore } from '../index.ts';
import { migrations } from '../migrate.ts';
import { dump, morning, scratch } from '../test-support.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const noCounts = '0, 0, 0, 0, 0, 0, 0, 0, 0';

/** What the version before recorded: a run with a retry, one that was cut, and one that goes on. */
const rows = [
  "INSERT INTO branch VALUES (1, 'net', NULL, NULL)",
  "INSERT INTO revision VALUES (1, 1, 'v1', 1, NULL)",
  "INSERT INTO variant VALUES (1, 'x86_64 kvm 2cpu normal', 'x86_64', 'kvm', 2, 'normal', '')",
  "INSERT INTO test VALUES (1, 'mptcp', 'net/mptcp', 'a.sh'), (2, 'mptcp', 'net/mptcp', 'b.sh')",
  "INSERT INTO name VALUES (1, 1, ''), (2, 1, 'x'), (3, 2, '')",
  'INSERT INTO series VALUES (1, 1, 1, 1, 3, 0, 0), (2, 1, 1, 2, 1, 0, 0), (3, 1, 1, 3, 2, 0, 7)',
  `INSERT INTO run VALUES
    (1, '${uuid(1)}', 'mptcp', 1, 1, 1, 1, '', ${morning}, ${morning + 9}, 1),
    (2, '${uuid(2)}', 'mptcp', 1, 1, 1, 2, 'cut', ${morning + 10}, ${morning + 19}, 1),
    (3, '${uuid(3)}', 'mptcp', 1, 1, 1, 0, '', ${morning + 20}, NULL, 1)`,
  "INSERT INTO run_detail VALUES (1, '{}', ''), (2, '{}', ''), (3, '{}', '')",
  `INSERT INTO run_count VALUES (1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), (1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    (2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0), (2, 1, ${noCounts}),
    (3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), (3, 1, ${noCounts})`,
  `INSERT INTO result VALUES
    (1, 1, 1, 1, 500, 0, NULL, 0), (1, 2, 1, 1, NULL, 1, 7, 0),
    (1, 1, 2, 0, 400, 0, NULL, 0), (1, 2, 2, 0, 10, 1, 8, 1),
    (2, 3, 1, 7, NULL, 0, NULL, 0), (3, 1, 1, 0, 600, 0, NULL, 0)`,
  `INSERT INTO execution VALUES (1, 1, 1, ${morning + 1}, 5, 1, NULL, 9000, 0),
    (1, 1, 2, ${morning + 2}, 5, 0, NULL, 9000, 1), (3, 1, 1, ${morning + 21}, 5, 0, NULL, 9000, 0)`,
  "INSERT INTO message VALUES (1, 1, 1, 'exit code 1'), (1, 2, 1, 'why'), (2, 3, 1, 'planned, but never reported')",
  "INSERT INTO problem VALUES (1, 1, 1, 0, 3, 'what is this')",
  "INSERT INTO crash VALUES (1, 'warn:1', 'warn', 'WARNING in foo', '[]')",
  'INSERT INTO occurrence VALUES (1, 1, 1, 0, 1, 4, 0)',
];

async function older(directory: string): Promise<void> {
  const database = new Database(path.join(directory, 'multitap.db'));
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  const before = ['0001-first-light', '0002-crashes'];
  for (const name of before) await migrations[name]!.up(db);
  const stamp = '2026-01-01T00:00:00.000Z';
  database.exec('CREATE TABLE kysely_migration (name TEXT PRIMARY KEY NOT NULL, timestamp TEXT NOT NULL)');
  database.exec(
    'CREATE TABLE kysely_migration_lock (id TEXT PRIMARY KEY NOT NULL, is_locked INTEGER NOT NULL)',
  );
  database.exec("INSERT INTO kysely_migration_lock VALUES ('migration_lock', 0)");
  for (const name of before) database.prepare('INSERT INTO kysely_migration VALUES (?, ?)').run(name, stamp);
  for (const row of rows) database.exec(row);
  await db.destroy();
}

test('what an older version recorded is all there', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await older(directory);
  const store = await openStore(directory);
  expect(await store.run(1)).toMatchObject({
    ...{ state: 'complete', tests: { pass: 1 }, subtests: { pass: 1 } },
    results: [
      {
        ...{ name: 'a.sh', attempt: 1, outcome: 'fail', durationMs: 500, message: 'exit code 1', vm: 0 },
        ...{ problems: [{ line: 3, text: 'what is this' }], crashes: [{ title: 'WARNING in foo' }] },
        subtests: [
          { name: 'x', outcome: 'fail', durationMs: null, line: 7, message: 'why', markedFlaky: false },
        ],
      },
      {
        ...{ name: 'a.sh', attempt: 2, outcome: 'pass', durationMs: 400, message: '', vm: 1 },
        subtests: [{ name: 'x', outcome: 'pass', durationMs: 10, line: 8, markedFlaky: true }],
      },
    ],
  });
  expect(await store.run(2)).toMatchObject({
    state: 'incomplete',
    results: [{ name: 'b.sh', outcome: 'missing' }],
  });
  expect(await store.run(3)).toMatchObject({
    state: 'running',
    results: [{ name: 'a.sh', outcome: 'pass' }],
  });
  expect(await store.history(1, 10)).toMatchObject({
    counts: { pass: 2, fail: 0 },
    points: [
      { runId: 3, durationMs: 600, attempts: 1 },
      { runId: 1, durationMs: 400, attempts: 2 },
    ],
    subtests: [{ name: 'x', outcome: 'pass', runs: 1, bad: 0 }],
  });
  expect((await store.failures(1)).map(({ test, subtest }) => `${test} ${subtest}`)).toEqual([
    'a.sh ',
    'a.sh x',
  ]);

  // The one that went on goes on.
  await store.finishRun(uuid(3), { state: 'complete', finishedAt: morning + 30, reason: '' });
  await store.close();
  expect((await checkStore(directory, { content: true })).problems).toEqual([]);
  expect(dump(directory).result).toEqual([]);
});
