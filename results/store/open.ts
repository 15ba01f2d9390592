// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { checkOwner, hasDatabase } from './check-file.ts';
import { compact } from './compact.ts';
import { StoreError } from './error.ts';
import { databaseFile } from './maintain/open-existing.ts';
import { makeFolder } from './make-folder.ts';
import { checkVersion, migrate } from './migrate.ts';
import { compare } from './read/compare.ts';
import { countsBetween } from './read/counts-between.ts';
import { crashes } from './read/crashes.ts';
import { durations } from './read/durations.ts';
import { failures } from './read/failures.ts';
import { flaky } from './read/flaky.ts';
import { grid } from './read/grid.ts';
import { runHead } from './read/head.ts';
import { history, pointsOf } from './read/history.ts';
import { log, logOrigin } from './read/logs.ts';
import { occurrences } from './read/occurrences.ts';
import { run } from './read/run.ts';
import { overview, runs } from './read/runs.ts';
import { search } from './read/search.ts';
import { testsOf } from './read/tests.ts';
import type { Db, Schema } from './schema.ts';
import { configure, openSqlite, sqliteDialect, syncCommits } from './sqlite.ts';
import { explain } from './sqlite-error.ts';
import type { Store } from './types.ts';
import { addRun } from './write/add-run.ts';
import { addTest } from './write/add-test.ts';
import { finishRun } from './write/finish-run.ts';
import { sealLeft } from './write/seal-left.ts';
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
  const file = databaseFile(directory);
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
  if (readOnly) await checkVersion(db, file);
  else {
    if (await migrate(db, file)) compact(database);
    await sealLeft(db);
  }
  return db;
}

function store(db: Db, directory: string): Store {
  return {
    startRun: (start) => startRun(db, start),
    addTest: (uuid, test) => addTest(db, directory, uuid, test),
    finishRun: async (uuid, end) => {
      await finishRun(db, uuid, end);
      await syncCommits(databaseFile(directory));
    },
    addRun: async (start, tests, end) => {
      const added = await addRun(db, directory, start, tests, end);
      await syncCommits(databaseFile(directory));
      return added;
    },
    overview: (runsPerBranch) => overview(db, runsPerBranch),
    runs: (filter) => runs(db, filter),
    run: (idOrUuid) => run(db, idOrUuid),
    history: (series, limit) => history(db, series, limit),
    countsBetween: (series, from, to) => countsBetween(db, series, from, to),
    crashes: (limit) => crashes(db, limit),
    durations: (suite, variant) => durations(db, suite, variant),
    log: (hash) => log(db, directory, hash),
    logOrigin: (hash) => logOrigin(db, hash),
    points: (series, limit) => pointsOf(db, series, limit),
    failures: (run) => failures(db, run),
    grid: (query) => grid(db, query),
    flaky: (query) => flaky(db, query),
    occurrences: (signature, limit) => occurrences(db, signature, limit),
    compare: (before, after) => compare(db, before, after),
    search: (text, limit) => search(db, text, limit),
    head: (idOrUuid) => runHead(db, idOrUuid),
    tests: (run) => testsOf(db, run),
    close: () => db.destroy(),
  };
}
