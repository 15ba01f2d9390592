// SPDX-License-Identifier: GPL-2.0-only
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
  type TransactionSettings,
} from 'kysely';
import { explain, isBusy } from './sqlite-error.ts';

// better-sqlite3 waits inside SQLite, where this process can do nothing else: not for long there, patiently here.
const busyTimeoutMs = 1000;
const lockPatienceMs = 60_000;

/** Opens the file without writing to it. @throws better-sqlite3's SqliteError */
export function openSqlite(file: string, readOnly: boolean): Database.Database {
  return new Database(file, { readonly: readOnly, fileMustExist: readOnly, timeout: busyTimeoutMs });
}

/** Sets what every connection needs. Turns a new file into one that readers may read during a write (WAL). */
export async function configure(database: Database.Database, readOnly: boolean): Promise<void> {
  database.pragma('foreign_keys = ON');
  if (readOnly) return;
  // Two processes may create the database at once, and this pragma does not wait for a lock.
  await patiently(() => database.pragma('journal_mode = WAL'));
  // Killed processes lose nothing with it. For power failures see syncCommits.
  database.pragma('synchronous = NORMAL');
}

/**
 * Makes what was committed survive a power failure, too. A test that was just recorded may be lost with the machine
 * that was running the next one; a run that was told to be over may not, and one fsync for each is cheap.
 */
export async function syncCommits(file: string): Promise<void> {
  let wal: Awaited<ReturnType<typeof open>>;
  try {
    wal = await open(`${file}-wal`, 'r');
  } catch (error) {
    // A checkpoint that empties it has synced the database.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    await wal.sync();
  } finally {
    await wal.close();
  }
}

/** Kysely's dialect for SQLite, with what a database shared by processes needs. */
export function sqliteDialect(database: Database.Database): Dialect {
  return new SharedDialect(database);
}

class SharedDialect extends SqliteDialect {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new SharedDriver(this.#database);
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }
}

class SharedDriver extends SqliteDriver {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database: explained(database) });
    this.#database = database;
  }

  // A deferred transaction that reads before it writes fails where another process wrote in between.
  override async beginTransaction(
    connection: DatabaseConnection,
    settings?: TransactionSettings,
  ): Promise<void> {
    const begin = settings?.accessMode === 'read only' ? 'begin' : 'begin immediate';
    await patiently(() => connection.executeQuery(CompiledQuery.raw(begin)));
  }

  // SQLite has rolled back by itself where the disk is full; saying so again would hide why.
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

class TransactionalAdapter extends SqliteAdapter {
  // Kysely says false for all of SQLite's drivers; with this one a migration is whole or not at all.
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** So many statements are kept ready; those that were asked for first go first. */
const statementLimit = 500;

/** Preparing a statement takes longer than most of ours run. */
function explained(database: Database.Database): SqliteDatabase {
  const ready = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = ready.get(sql);
      if (known) return known;
      const oldest = ready.size < statementLimit ? undefined : ready.keys().next().value;
      if (oldest !== undefined) ready.delete(oldest);
      const statement = prepared(database, sql);
      ready.set(sql, statement);
      return statement;
    },
  };
}

function prepared(database: Database.Database, sql: string): SqliteStatement {
  const file = database.name;
  const statement = explain(file, () => database.prepare<unknown[]>(sql));
  return {
    reader: statement.reader,
    all: (parameters) => explain(file, () => statement.all(parameters)),
    run: (parameters) => explain(file, () => statement.run(parameters)),
    iterate: (parameters) => explain(file, () => statement.iterate(parameters)),
  };
}

async function patiently<T>(work: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + lockPatienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      await sleep(5 + Math.random() * 45);
    }
  }
}
