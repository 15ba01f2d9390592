// SPDX-License-Identifier: GPL-2.0-only
import { chunks } from '../chunks.ts';
import { outcomeOf } from '../codes.ts';
import type { Trx } from '../schema.ts';
import type { RunSummary, SubtestResult, TestResult } from '../types.ts';
import { type Attached, attachedTo } from './attached.ts';

/** Every attempt of every test of a run, in the order in which they started. */
export async function resultsOf(trx: Trx, run: RunSummary): Promise<TestResult[]> {
  return build(run, await resultRows(trx, run.id).execute(), await attachedTo(trx, run.id));
}

/** The same of one of its tests. @param series of the test and its subtests, the test's own first */
export async function resultsOfTest(
  trx: Trx,
  run: RunSummary,
  series: readonly number[],
): Promise<TestResult[]> {
  const rows: Row[] = [];
  for (const part of chunks(series)) {
    rows.push(...(await resultRows(trx, run.id).where('result.series', 'in', part).execute()));
  }
  rows.sort((a, b) => a.position - b.position);
  return build(run, rows, await attachedTo(trx, run.id, series[0]));
}

function build(run: RunSummary, rows: Row[], attached: Attached): TestResult[] {
  const endedAt = run.finishedAt ?? run.startedAt;

  const results = new Map<string, TestResult>();
  for (const row of rows) {
    const key = `${row.test} ${row.attempt}`;
    if (row.position === 0) results.set(key, testResult(row, attached, endedAt));
    else results.get(key)!.subtests.push(subtestResult(row));
  }
  return [...results.values()].sort((a, b) => a.startedAt - b.startedAt || a.attempt - b.attempt);
}

type Row = Awaited<ReturnType<ReturnType<typeof resultRows>['execute']>>[number];

/** By position: each test before its subtests, and these as they were printed. */
function resultRows(trx: Trx, run: number) {
  return trx
    .selectFrom('result')
    .innerJoin('series', 'series.id', 'result.series')
    .innerJoin('name', 'name.id', 'series.name')
    .innerJoin('test', 'test.id', 'name.test')
    .leftJoin('message', (join) =>
      join
        .onRef('message.run', '=', 'result.run')
        .onRef('message.series', '=', 'result.series')
        .onRef('message.attempt', '=', 'result.attempt'),
    )
    .where('result.run', '=', run)
    .select(['result.series', 'result.attempt', 'result.outcome', 'result.duration_ms', 'result.position'])
    .select(['result.line', 'result.marked_flaky', 'name.test', 'name.subtest', 'message.text'])
    .select(['test.collection', 'test.name'])
    .orderBy('result.position')
    .orderBy('result.series');
}

function subtestResult(row: Row): SubtestResult {
  return {
    series: row.series,
    name: row.subtest,
    outcome: outcomeOf(row.outcome),
    durationMs: row.duration_ms,
    line: row.line,
    markedFlaky: row.marked_flaky === 1,
    message: row.text ?? '',
  };
}

/** A test that never reported was never executed: it stands where the run ended. */
function testResult(row: Row, attached: Attached, endedAt: number): TestResult {
  const key = `${row.series} ${row.attempt}`;
  const never = { startedAt: endedAt, cpuMs: null, exitCode: null, signal: null, timeoutMs: 0, vm: 0 };
  return {
    ...{ series: row.series, collection: row.collection, name: row.name, attempt: row.attempt },
    outcome: outcomeOf(row.outcome),
    durationMs: row.duration_ms ?? 0,
    ...(attached.executions.get(key) ?? never),
    message: row.text ?? '',
    line: row.line,
    logs: attached.logs.get(key) ?? [],
    problems: attached.problems.get(key) ?? [],
    crashes: attached.crashes.get(key) ?? [],
    subtests: [],
  };
}
