// SPDX-License-Identifier: GPL-2.0-only
import { stateOf } from '../codes.ts';
import { StoreError } from '../error.ts';
import type { Db, RunRow, Trx } from '../schema.ts';
import { boundMessage, wholeAttempt, wholeLine, wholeMs } from '../text.ts';
import type { TestReport } from '../types.ts';
import { attachExecution, attachLogs, attachProblems } from './attach.ts';
import { attachCrashes } from './attach-crashes.ts';
import { findRun } from './find-run.ts';
import { internTest } from './intern.ts';
import { internSeries } from './intern-series.ts';
import { type KeptLog, keepLogs } from './keep-logs.ts';
import { type NewResult, record } from './record.ts';
import { subtestNames } from './subtest-names.ts';

/**
 * Records one attempt of one test, whole or not at all; one that is there already is left as it is.
 * @throws StoreError for an unknown run, and for a new attempt in a run that is over
 */
export async function addTest(db: Db, directory: string, runUuid: string, test: TestReport): Promise<void> {
  await findRun(db, runUuid);
  // Before the transaction: a log without a reference wastes space, a reference without its log loses it.
  const logs = await keepLogs(directory, test);
  await db.transaction().execute(async (trx) => recordTest(trx, await findRun(trx, runUuid), test, logs));
}

/**
 * The part of `addTest` that is in the transaction.
 * @param logs the test's, as they are kept
 * @throws StoreError for a new attempt in a run that is over
 */
export async function recordTest(
  trx: Trx,
  run: RunRow,
  test: TestReport,
  logs: readonly KeptLog[],
): Promise<void> {
  const id = await internTest(trx, run.suite, test.collection, test.name);
  const series = (await internSeries(trx, run, id, [''])).get('')!;
  const execution = { run: run.id, series, attempt: wholeAttempt(test.attempt) };
  if (await isThere(trx, execution)) return;
  refuseLate(run, test);
  const results = await resultsOf(trx, run, id, test);
  await record(trx, run, results);
  await attachExecution(trx, execution, test);
  await attachProblems(trx, execution, test.problems);
  await attachLogs(trx, execution, logs);
  await attachCrashes(trx, execution, test.crashes ?? []);
}

/** The test first, then its subtests. */
async function resultsOf(trx: Trx, run: RunRow, test: number, report: TestReport): Promise<NewResult[]> {
  const names = ['', ...subtestNames(report.subtests.map((subtest) => subtest.name))];
  const series = await internSeries(trx, run, test, names);
  const attempt = wholeAttempt(report.attempt);
  return [{ ...report, markedFlaky: false }, ...report.subtests].map((part, position) => ({
    ...{ series: series.get(names[position]!)!, attempt, position },
    outcome: part.outcome,
    durationMs: wholeMs(part.durationMs),
    line: part.line === null ? null : wholeLine(part.line, 'line'),
    markedFlaky: part.markedFlaky,
    message: boundMessage(part.message),
  }));
}

async function isThere(
  trx: Trx,
  execution: { run: number; series: number; attempt: number },
): Promise<boolean> {
  const found = await trx
    .selectFrom('execution')
    .select('vm')
    .where((eb) => eb.and(execution))
    .executeTakeFirst();
  return found !== undefined;
}

function refuseLate(run: RunRow, test: TestReport): void {
  if (stateOf(run.state) === 'running') return;
  throw new StoreError({
    happened: `Attempt ${test.attempt} of ${test.name} came after its run ${run.uuid} was closed as ${stateOf(run.state)}.`,
    expected: 'A run takes results until finishRun.',
    todo: 'Record the result in a run of its own, or call finishRun later.',
  });
}
