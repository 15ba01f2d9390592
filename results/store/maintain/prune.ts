// SPDX-License-Identifier: GPL-2.0-only
import { statSync, unlinkSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { compact } from '../compact.ts';
import { logFiles } from './log-folder.ts';
import { openExisting } from './open-existing.ts';

export interface Retention {
  /** Logs of tests in which nothing was bad go when the run began before this time; null keeps them. */
  passingLogsBefore: number | null;
  /** Logs of all other tests, too; null keeps them. */
  allLogsBefore: number | null;
  /** Only count. */
  dryRun: boolean;
}

export interface PruneReport {
  /** Tests whose logs were given up. */
  tests: number;
  files: number;
  bytes: number;
}

/** A file is left alone for so long after it was written or asked for: its result may be about to be recorded. */
const graceMs = 60 * 60 * 1000;
/** A transaction with so many is over before another writer has to wait for long. */
const atOnce = 5000;

/**
 * Gives logs up: those of passing tests first. Results, messages, crashes and sums stay, so that no history changes.
 * Also removes files that nothing names. Others may write meanwhile.
 */
export async function pruneStore(directory: string, retention: Retention): Promise<PruneReport> {
  const database = await openExisting(directory, retention.dryRun, 'ours');
  try {
    const tests = forget(database, retention);
    if (!retention.dryRun) compact(database);
    return { tests, ...(await removeFiles(database, directory, retention)) };
  } finally {
    database.close();
  }
}

/** Attempts with logs that the retention gives up. A test that failed in a subtest is no passing one, nor is one of a run that goes on. */
function condition({ passingLogsBefore, allLogsBefore }: Retention): string {
  const passing = `(SELECT seq FROM run WHERE run.id = result_log.run) IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM series AS own JOIN name AS test ON test.id = own.name
    JOIN name AS part ON part.test = test.test
    JOIN series AS sub ON sub.name = part.id AND sub.branch = own.branch AND sub.variant = own.variant
    JOIN failure ON failure.run = result_log.run AND failure.series = sub.id AND failure.attempt = result_log.attempt
    WHERE own.id = result_log.series)`;
  const began = '(SELECT started_at FROM run WHERE run.id = result_log.run)';
  const rules = [
    ...(passingLogsBefore === null ? [] : [`(${began} < ${passingLogsBefore} AND ${passing})`]),
    ...(allLogsBefore === null ? [] : [`${began} < ${allLogsBefore}`]),
  ];
  return rules.join(' OR ') || 'FALSE';
}

/** @returns how many tests lost their logs */
function forget(database: Database.Database, retention: Retention): number {
  const found = database
    .prepare<[], { run: number; series: number; attempt: number }>(
      `SELECT DISTINCT run, series, attempt FROM result_log WHERE ${condition(retention)}`,
    )
    .all();
  if (retention.dryRun) return found.length;
  const drop = database.prepare('DELETE FROM result_log WHERE run = ? AND series = ? AND attempt = ?');
  const part = database.transaction((rows: typeof found) => {
    for (const { run, series, attempt } of rows) drop.run(run, series, attempt);
  });
  for (let at = 0; at < found.length; at += atOnce) part.immediate(found.slice(at, at + atOnce));
  database.exec('DELETE FROM log WHERE NOT EXISTS (SELECT 1 FROM result_log WHERE result_log.log = log.id)');
  return found.length;
}

/** What no row names goes. */
async function removeFiles(database: Database.Database, directory: string, retention: Retention) {
  const report = { files: 0, bytes: 0 };
  const named = namedLogs(database, retention);
  const isNamed = database.prepare<[string], number>('SELECT 1 FROM log WHERE hash = ?').pluck();
  // A writer needs this lock before it can name the file again; it has made the file young before that.
  const remove = database.transaction((file: string, hash: string | null) => {
    const { size, mtimeMs } = statSync(file);
    if (Date.now() - mtimeMs < graceMs || (hash !== null && isNamed.get(hash) !== undefined)) return null;
    unlinkSync(file);
    return size;
  });
  for await (const { file, hash } of logFiles(directory)) {
    if (hash !== null && named.has(hash)) continue;
    const size = retention.dryRun ? statSync(file).size : remove.immediate(file, hash);
    if (size === null) continue;
    report.files++;
    report.bytes += size;
  }
  return report;
}

/** The logs that some row will name after the retention. */
function namedLogs(database: Database.Database, retention: Retention): Set<string> {
  const kept = retention.dryRun ? `AND NOT (${condition(retention)})` : '';
  const rows = database.prepare<[], string>(
    `SELECT DISTINCT log.hash FROM log JOIN result_log ON result_log.log = log.id WHERE TRUE ${kept}`,
  );
  return new Set(rows.pluck().all());
}
