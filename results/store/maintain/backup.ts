// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:fs';
import { copyFile, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { StoreError } from '../error.ts';
import { logPath } from '../log-files.ts';
import { makeFolder } from '../make-folder.ts';
import { databaseFile, openExisting } from './open-existing.ts';

export interface CopyReport {
  databaseBytes: number;
  /** Logs that were copied, and those that were there already. */
  copied: number;
  kept: number;
  /** Logs that the results name and that are gone. */
  missing: number;
}

/** Pages of 4 KiB that are copied between two looks at whatever else this process does. */
const pagesAtOnce = 4096;

/**
 * Copies a store while it is used: the database as it is at one moment, then the logs that it names. The target is a
 * store like any other; a copy that is there is brought up to date, and logs are copied once.
 * @throws StoreError where the target cannot be written
 */
export async function backupStore(directory: string, target: string): Promise<CopyReport> {
  const database = await openExisting(directory, true, 'any');
  const file = databaseFile(target);
  const temporary = `${file}.new`;
  try {
    await makeFolder(target);
    await rm(temporary, { force: true });
    await database.backup(temporary, { progress: stepper() });
  } catch (cause) {
    await rm(temporary, { force: true });
    throw unwritable(target, cause);
  } finally {
    database.close();
  }
  const copy = await copyLogs(temporary, directory, target);
  // A half-written copy must not replace a good one; WAL files of the old one would be applied to the new.
  for (const suffix of ['-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
  await sync(temporary);
  await rename(temporary, file);
  return { ...copy, databaseBytes: (await stat(file)).size };
}

/** Each write of another process makes SQLite begin again. One that cannot keep up copies the rest in one go. */
function stepper(): (info: Database.BackupMetadata) => number {
  let remaining = Number.POSITIVE_INFINITY;
  let begun = 0;
  return (info) => {
    if (info.remainingPages >= remaining) begun++;
    remaining = info.remainingPages;
    return begun > 3 ? Math.max(1, remaining) : pagesAtOnce;
  };
}

/** @param file the database that names them */
export async function copyLogs(
  file: string,
  from: string,
  to: string,
): Promise<Omit<CopyReport, 'databaseBytes'>> {
  // For writing, though nothing is written: only such a connection takes its WAL files away when it ends.
  const database = new Database(file);
  const report = { copied: 0, kept: 0, missing: 0 };
  try {
    for (const hash of database.prepare<[], string>('SELECT hash FROM log').pluck().iterate()) {
      report[await copyLog(logPath(from, hash), logPath(to, hash))]++;
    }
  } catch (cause) {
    throw unwritable(to, cause);
  } finally {
    database.close();
  }
  return report;
}

async function copyLog(source: string, target: string): Promise<'copied' | 'kept' | 'missing'> {
  const there = await stat(source).catch(() => null);
  if (!there) return 'missing';
  if ((await stat(target).catch(() => null))?.size === there.size) return 'kept';
  await makeFolder(path.dirname(target));
  const temporary = `${target}.copy.tmp`;
  await copyFile(source, temporary, constants.COPYFILE_FICLONE);
  await rename(temporary, target);
  return 'copied';
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unwritable(target: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreError({
    happened: `${target} cannot be written: ${(cause as Error).message}.`,
    expected:
      'A folder with space, that this user may write to, was expected; what was there before is left.',
    todo: 'Make space, correct the permissions, or name another folder.',
    cause,
  });
}
