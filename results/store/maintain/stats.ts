// SPDX-License-Identifier: GPL-2.0-only
import { stat } from 'node:fs/promises';
import { logFiles } from './log-folder.ts';
import { openExisting } from './open-existing.ts';

export interface StoreStats {
  runs: number;
  series: number;
  /** Attempts of tests and subtests. */
  results: number;
  /** Tables and indexes, the largest first. */
  tables: { name: string; bytes: number; rows: number | null }[];
  databaseBytes: number;
  /** Of the database that are free for what comes. */
  freeBytes: number;
  /** All tables and indexes by the number of results. */
  bytesPerResult: number;
  logs: { count: number; bytes: number; unpackedBytes: number };
}

/** How much there is of what. Reads the whole database once (SQLite's dbstat). */
export async function storeStats(directory: string): Promise<StoreStats> {
  const database = await openExisting(directory, true, 'ours');
  try {
    const one = (sql: string) => database.prepare<[], number>(sql).pluck().get() ?? 0;
    const sizes = database
      .prepare<[], { name: string; bytes: number }>(
        'SELECT name, pgsize AS bytes FROM dbstat WHERE aggregate = TRUE ORDER BY pgsize DESC',
      )
      .all();
    const isTable = database.prepare<[string], number>(
      "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?",
    );
    const tables = sizes.map(({ name, bytes }) => ({
      ...{ name, bytes },
      rows: isTable.get(name) === undefined ? null : one(`SELECT count(*) FROM "${name}"`),
    }));
    const results = one('SELECT count(*) FROM result') + one('SELECT sum(results) FROM packed_run');
    const pageSize = one('SELECT page_size FROM pragma_page_size');
    const used = tables.reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      ...{
        runs: one('SELECT count(*) FROM run'),
        series: one('SELECT count(*) FROM series'),
        results,
        tables,
      },
      databaseBytes: pageSize * one('SELECT page_count FROM pragma_page_count'),
      freeBytes: pageSize * one('SELECT freelist_count FROM pragma_freelist_count'),
      bytesPerResult: results === 0 ? 0 : used / results,
      logs: { ...(await logSizes(directory)), unpackedBytes: one('SELECT sum(bytes) FROM log') },
    };
  } finally {
    database.close();
  }
}

async function logSizes(directory: string): Promise<{ count: number; bytes: number }> {
  const sizes = { count: 0, bytes: 0 };
  for await (const { file } of logFiles(directory)) {
    sizes.count++;
    sizes.bytes += (await stat(file)).size;
  }
  return sizes;
}
