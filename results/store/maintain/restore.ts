// SPDX-License-Identifier: GPL-2.0-only
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { hasDatabase } from '../check-file.ts';
import { StoreError } from '../error.ts';
import { makeFolder } from '../make-folder.ts';
import { type CopyReport, copyLogs } from './backup.ts';
import { databaseFile, openExisting } from './open-existing.ts';

/**
 * Puts a backup in the place of a store. The backup is checked first; results that are there are kept as
 * `multitap.db.before-restore`, and logs are added to those that are there.
 * @throws StoreError where there are results and `force` is not given, and where another process has them open
 */
export async function restoreStore(backup: string, directory: string, force: boolean): Promise<CopyReport> {
  const source = await openExisting(backup, true, 'any');
  const file = databaseFile(directory);
  const temporary = `${file}.restored`;
  try {
    checkIntact(source, backup);
    await makeFolder(directory);
    if (await occupied(file)) await moveAway(file, force);
    await source.backup(temporary);
  } finally {
    source.close();
  }
  const copy = await copyLogs(temporary, backup, directory);
  await rename(temporary, file);
  return { ...copy, databaseBytes: (await stat(file)).size };
}

function checkIntact(source: Database.Database, backup: string): void {
  const found = source.pragma('quick_check(1)', { simple: true });
  if (found === 'ok') return;
  throw new StoreError({
    happened: `The backup in ${backup} is damaged: ${found}.`,
    expected: 'An undamaged database was expected; nothing was restored.',
    todo: 'Restore another backup.',
  });
}

async function occupied(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function moveAway(file: string, force: boolean): Promise<void> {
  if (!force) {
    throw new StoreError({
      happened: `There are results in ${file} already.`,
      expected: 'A folder without results was expected.',
      todo: 'Name another folder, or restore with --force: the results there are then put aside.',
    });
  }
  // Whoever has it open would go on writing to the file that was put aside.
  if (await hasDatabase(file).catch(() => false)) closeForAll(file);
  await copyFile(file, `${file}.before-restore`);
  for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
}

/** Leaving WAL needs the file for oneself, and puts all that was written into it. A damaged file has nothing to lose. */
function closeForAll(file: string): void {
  let database: Database.Database | null = null;
  try {
    database = new Database(file, { timeout: 1000 });
    database.pragma('journal_mode = DELETE');
  } catch (cause) {
    if (!(cause instanceof Database.SqliteError) || !cause.code.startsWith('SQLITE_BUSY')) return;
    throw new StoreError({
      happened: `${file} is in use by another process.`,
      expected: 'Nobody may have the results open while they are replaced; nothing was restored.',
      todo: 'End runs and the dashboard that use them, and try again.',
      cause,
    });
  } finally {
    database?.close();
  }
}
