// SPDX-License-Identifier: GPL-2.0-only
import Database from 'better-sqlite3';
import { StoreError, type StoreProblem } from './error.ts';

// By the primary code of https://www.sqlite.org/rescode.html
const problems: Record<string, (file: string) => StoreProblem> = {
  SQLITE_NOTADB: damaged,
  SQLITE_CORRUPT: damaged,
  SQLITE_BUSY: (file) => ({
    happened: `Another process kept ${file} locked for too long.`,
    expected: 'Each writer needs it for milliseconds.',
    todo: 'Look for a stopped multitap or sqlite3 process, end it and try again.',
  }),
  SQLITE_FULL: (file) => ({
    happened: `There was no space left for ${file}.`,
    expected: 'Nothing was recorded by this call; what was recorded before is safe.',
    todo: 'Make space on that disk and try again.',
  }),
  SQLITE_IOERR: (file) => ({
    happened: `Reading or writing ${file} failed.`,
    expected: 'A local disk that works was expected (a network file system is not enough for SQLite).',
    todo: 'Look at the kernel log of this machine, and try again.',
  }),
  SQLITE_CANTOPEN: unusable,
  SQLITE_PERM: unusable,
  SQLITE_READONLY: (file) => ({
    happened: `${file} cannot be written to.`,
    expected: 'A store that is opened for writing and a file that permits it were expected.',
    todo: 'Open the store without readOnly, or correct the permissions of the file and its folder.',
  }),
};

/** Runs `work`; SQLite's known failures become a StoreError that names the file, others pass through. */
export function explain<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    const problem = problems[primaryCode(error.code)]?.(file);
    throw problem ? new StoreError({ ...problem, cause: error }) : error;
  }
}

export function isBusy(error: unknown): boolean {
  if (error instanceof StoreError) return isBusy(error.cause);
  return error instanceof Database.SqliteError && primaryCode(error.code) === 'SQLITE_BUSY';
}

/** `SQLITE_IOERR_FSYNC` → `SQLITE_IOERR` */
function primaryCode(code: string): string {
  return code.split('_').slice(0, 2).join('_');
}

/** For a file that is no SQLite database, or a broken one. */
export function damaged(file: string): StoreProblem {
  return {
    happened: `${file} is damaged or no database of multitap's.`,
    expected: 'An SQLite database that multitap created was expected; the file is left as it is.',
    todo: 'Restore it from a backup, or move it away and let multitap begin a new one.',
  };
}

function unusable(file: string): StoreProblem {
  return {
    happened: `${file} cannot be opened.`,
    expected: 'A file in a folder that this user may read and write was expected.',
    todo: 'Correct the permissions, or choose another folder.',
  };
}
