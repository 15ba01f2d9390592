// SPDX-License-Identifier: GPL-2.0-only
import { access } from 'node:fs/promises';
import type Database from 'better-sqlite3';
import { logPath, readLog } from '../log-files.ts';
import { explain } from '../sqlite-error.ts';
import { invariants } from './invariants/index.ts';
import { logFiles } from './log-folder.ts';
import { databaseFile, openExisting } from './open-existing.ts';

export interface CheckReport {
  /** What is wrong, for a person; empty where all is well. */
  problems: string[];
  runs: number;
  logs: number;
  /** Files that no result names: killed writers leave some. They cost space, nothing else. */
  unusedFiles: number;
}

const problemLimit = 100;

/**
 * Looks for damage: SQLite's own structures, references, our sums against the results, and every log that a result
 * names. Changes nothing, and may be run while others write: it sees one state of the database.
 * @param options.content also unpacks every log and compares its hash; without it, a log has to be there
 * @throws StoreError where there is no store, or another version's
 */
export async function checkStore(directory: string, options: { content: boolean }): Promise<CheckReport> {
  const database = await openExisting(directory, true, 'ours');
  try {
    const { problems, logs, runs } = explain(databaseFile(directory), () => look(database));
    const named = database.prepare<[string], number>('SELECT 1 FROM log WHERE hash = ?').pluck();
    for (const { hash, bytes } of logs) {
      if (problems.length >= problemLimit) break;
      const problem = await logProblem(directory, hash, bytes, options.content);
      // One that was given up meanwhile is missed by nobody.
      if (problem && named.get(hash) !== undefined) problems.push(problem);
    }
    const unusedFiles = await unused(directory, (hash) => named.get(hash) !== undefined);
    return { problems, runs, logs: logs.length, unusedFiles };
  } finally {
    database.close();
  }
}

interface Seen {
  problems: string[];
  logs: { hash: string; bytes: number }[];
  runs: number;
}

/** What the database says of itself, in one transaction: what a writer changes at once is seen at once. */
function look(database: Database.Database): Seen {
  return database.transaction(() => {
    const problems = [...integrity(database), ...references(database)];
    // Sums over damaged tables would only be wrong again, or throw.
    if (problems.length === 0) {
      for (const problem of invariants(database)) if (problems.push(problem) >= problemLimit) break;
    }
    return {
      problems: problems.slice(0, problemLimit),
      logs: database.prepare<[], Seen['logs'][number]>('SELECT hash, bytes FROM log').all(),
      runs: database.prepare<[], number>('SELECT count(*) FROM run').pluck().get()!,
    };
  })();
}

function integrity(database: Database.Database): string[] {
  const rows = database.pragma(`integrity_check(${problemLimit})`) as { integrity_check: string }[];
  return rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
}

function references(database: Database.Database): string[] {
  const rows = database.pragma('foreign_key_check') as { table: string; parent: string }[];
  return rows
    .slice(0, problemLimit)
    .map(({ table, parent }) => `a row of ${table} refers to a ${parent} that is not there`);
}

async function logProblem(
  directory: string,
  hash: string,
  bytes: number,
  content: boolean,
): Promise<string | null> {
  try {
    if (content) await readLog(directory, hash, bytes);
    else await access(logPath(directory, hash));
    return null;
  } catch (error) {
    return content ? (error as Error).message : `the log ${logPath(directory, hash)} is not there`;
  }
}

async function unused(directory: string, isNamed: (hash: string) => boolean): Promise<number> {
  let count = 0;
  for await (const { hash } of logFiles(directory)) if (hash === null || !isNamed(hash)) count++;
  return count;
}
