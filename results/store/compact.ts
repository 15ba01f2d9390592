// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import { isBusy } from './sqlite-error.ts';

/** Below it, what is free is soon filled again. */
const leastBytes = 4 * 1024 * 1024;

/**
 * Gives pages back to the file system where most of the file is free, as after a migration that packed its tables.
 * Where another process writes, or the disk has no room for the copy that it takes, they stay for what comes.
 */
export function compact(database: Database.Database): void {
  const pragma = (name: string) => database.pragma(name, { simple: true }) as number;
  const free = pragma('freelist_count');
  if (free * 2 < pragma('page_count') || free * pragma('page_size') < leastBytes) return;
  try {
    database.exec('VACUUM');
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (!isBusy(error) && (error as { code?: string }).code !== 'SQLITE_FULL') throw error;
  }
}
