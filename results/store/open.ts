// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import type Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { checkOwner, hasDatabase } from './check-file.ts';
import { StoreError } from './error.ts';
import { makeFolder } from './make-folder.ts';
import { checkVersion, migrate } from './migrate.ts';
import { countsBetween } from './read/counts-between.ts';
import { crashes } from './read/crashes.ts';
import { durations } from './read/durations.ts';
import { runHead } from './read/head.ts';
import { history } from './read/history.ts';
import { log, logOrigin } from './read/logs.ts';
import { run } from './read/run.ts';
import { overview, runs } from './read/runs.ts';
import { testsOf } from './read/tests.ts';
import type { Db, Schema } from './schema.ts';
import { configure, openSqlite, sqliteDialect } from './sqlite.ts';
import { explain } from './sqlite-error.ts';
import type { Store } from './types.ts';
import { addTest } from './write/add-test.ts';
import { finishRun } from './write/finish-run.ts';
import { startRun } from './write/start-run.ts';

export interface StoreOptions {
  /** For one that only shows results: nothing is created, and what writes fails. */
  readOnly?: boolean;
}

/**
 * Opens the results in a directory: `multitap.db` and `logs/`. The directory and the tables are made where there are
 * none. Any number of processes may have it open, for writing too.
 * @throws StoreError for a database that is damaged, another program's or a newer multitap's (it is left as it is),
 * and, read only, where there is none
 */
export async function openStore(directory: string, options: StoreOptions = {}): Promise<Store> {
  const readOnly = options.readOnly ?? false;
  const file = path.join(directory, 'multitap.db');
  await prepare(directory, file, readOnly);
  const database = explain(file, () => openSqlite(file, readOnly));
  try {
    const db = await connect(database, file, readOnly);
    return store(db, directory);
  } catch (error) {
    database.close();
    // What is no StoreError yet is SQLite's; the others pass through as they are.
    return explain(file, () => {
      throw error;
    });
  }
}

async function prepare(directory: string, file: string, readOnly: boolean): Promise<void> {
  try {
    if (!readOnly) await makeFolder(directory);
    if ((await hasDatabase(file)) || !readOnly) return;
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError({
      happened: `${file} cannot be used: ${(cause as Error).message}.`,
      expected: 'A directory that this user may read and write was expected.',
      todo: 'Correct the permissions, or choose another directory.',
      cause,
    });
  }
  throw new StoreError({
    happened: `There are no results in ${directory}.`,
    expected: 'A multitap.db was expected there.',
    todo: 'Run something first (`multitap run`), or name the directory that has the results.',
  });
}

async function connect(database: Database.Database, file: string, readOnly: boolean): Promise<Db> {
  checkOwner(database);
  await configure(database, readOnly);
  const db = new Kysely<Schema>({ dialect: sqliteDialect(database) });
  await (readOnly ? checkVersion(db, file) : migrate(db, file));
  return db;
}

function store(db: Db, directory: string): Store {
  return {
    startRun: (start) => startRun(db, start),
    addTest: (uuid, test) => addTest(db, directory, uuid, test),
    finishRun: (uuid, end) => finishRun(db, uuid, end),
    overview: (runsPerBranch) => overview(db, runsPerBranch),
    runs: (filter) => runs(db, filter),
    run: (idOrUuid) => run(db, idOrUuid),
    history: (series, limit) => history(db, series, limit),
    countsBetween: (series, from, to) => countsBetween(db, series, from, to),
    crashes: (limit) => crashes(db, limit),
    durations: (suite, variant) => durations(db, suite, variant),
    log: (hash) => log(db, directory, hash),
    logOrigin: (hash) => logOrigin(db, hash),
    head: (idOrUuid) => runHead(db, idOrUuid),
    tests: (run) => testsOf(db, run),
    close: () => db.destroy(),
  };
}
