// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { migrations } from '../migrate.ts';
import { type PackedResult, unpackRun } from '../pack/run.ts';

// Stores as the version before 0003 kept them; for tests alone.

const names = ['0001-first-light', '0002-crashes'];
const same = [
  ...['branch', 'revision', 'variant', 'test', 'name', 'run_detail', 'run_count', 'planned', 'result'],
  ...['execution', 'problem', 'log', 'result_log', 'crash', 'occurrence'],
];

/** An empty one. */
export async function olderStore(directory: string): Promise<Database.Database> {
  const file = path.join(directory, 'multitap.db');
  const database = new Database(file);
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  for (const name of names) await migrations[name]!.up(db);
  database.exec('CREATE TABLE kysely_migration (name TEXT PRIMARY KEY NOT NULL, timestamp TEXT NOT NULL)');
  database.exec(
    'CREATE TABLE kysely_migration_lock (id TEXT PRIMARY KEY NOT NULL, is_locked INTEGER NOT NULL)',
  );
  database.exec("INSERT INTO kysely_migration_lock VALUES ('migration_lock', 0)");
  const stamp = '2026-01-01T00:00:00.000Z';
  for (const name of names) database.prepare('INSERT INTO kysely_migration VALUES (?, ?)').run(name, stamp);
  await db.destroy();
  return new Database(file);
}

/** The runs of a store of today. Totals by day are left out: nothing is made of them. */
export async function olderCopy(from: string, to: string): Promise<void> {
  const source = new Database(path.join(from, 'multitap.db'), { readonly: true });
  const target = await olderStore(to);
  target.pragma('foreign_keys = OFF');
  const copy = (table: string, query: string) => {
    for (const row of source.prepare(query).raw().iterate() as Iterable<unknown[]>)
      target.prepare(`INSERT INTO ${table} VALUES (${row.map(() => '?').join(', ')})`).run(...row);
  };
  target.transaction(() => {
    copy('series', 'SELECT *, NULL, NULL, NULL FROM series');
    copy(
      'run',
      `SELECT id, uuid, suite, branch, revision, variant, state, reason, started_at, finished_at, planned_tests
       FROM run`,
    );
    copy('message', 'SELECT run, series, attempt, text FROM message');
    for (const table of same) copy(table, `SELECT * FROM ${table}`);
    const packed = source.prepare<[], { run: number; data: Buffer }>('SELECT run, data FROM packed_run');
    const insert = target.prepare('INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    for (const { run, data } of packed.iterate())
      for (const result of unpackRun(data)) insert.run(run, ...rowOf(result));
  })();
  target.close();
  source.close();
}

function rowOf({ series, attempt, outcome, durationMs, position, line, markedFlaky }: PackedResult) {
  return [series, attempt, outcome, durationMs, position, line, markedFlaky ? 1 : 0];
}
