// SPDX-License-Identifier: GPL-2.0-only
import { outcomeOf } from '../codes.ts';
import type { Trx } from '../schema.ts';
import type { RunSummary, SubtestResult, TestResult } from '../types.ts';
import { type Attached, attachedTo } from './attached.ts';

/** Every attempt of every test of a run, in the order in which they started. */
export async function resultsOf(trx: Trx, run: RunSummary): Promise<TestResult[]> {
  const rows = await resultRows(trx, run.id);
  const tests = await testNames(trx, run.id);
  const attached = await attachedTo(trx, run.id);
  const endedAt = run.finishedAt ?? run.startedAt;

  const results = new Map<string, TestResult>();
  for (const row of rows) {
    const key = `${row.test} ${row.attempt}`;
    const test = tests.get(row.test)!;
    if (row.position === 0) results.set(key, testResult(row, test, attached, endedAt));
    else results.get(key)!.subtests.push(subtestResult(row));
  }
  return [...results.values()].sort((a, b) => a.startedAt - b.startedAt || a.attempt - b.attempt);
}

type Row = Awaited<ReturnType<typeof resultRows>>[number];

/** By position: each test before its subtests, and these as they were printed. */
async function resultRows(trx: Trx, run: number) {
  return trx
    .selectFrom('result')
    .innerJoin('series', 'series.id', 'result.series')
    .innerJoin('name', 'name.id', 'series.name')
    .leftJoin('message', (join) =>
      join
        .onRef('message.run', '=', 'result.run')
        .onRef('message.series', '=', 'result.series')
        .onRef('message.attempt', '=', 'result.attempt'),
    )
    .where('result.run', '=', run)
    .select(['result.series', 'result.attempt', 'result.outcome', 'result.duration_ms', 'result.position'])
    .select(['result.line', 'result.marked_flaky', 'name.test', 'name.subtest', 'message.text'])
    .orderBy('result.position')
    .orderBy('result.series')
    .execute();
}

async function testNames(trx: Trx, run: number): Promise<Map<number, { collection: string; name: string }>> {
  const rows = await trx
    .selectFrom('result')
    .innerJoin('series', 'series.id', 'result.series')
    .innerJoin('name', 'name.id', 'series.name')
    .innerJoin('test', 'test.id', 'name.test')
    .where('result.run', '=', run)
    .where('result.position', '=', 0)
    .select(['test.id', 'test.collection', 'test.name'])
    .execute();
  return new Map(rows.map(({ id, ...test }) => [id, test]));
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
function testResult(
  row: Row,
  test: { collection: string; name: string },
  attached: Attached,
  endedAt: number,
): TestResult {
  const key = `${row.series} ${row.attempt}`;
  const never = { startedAt: endedAt, cpuMs: null, exitCode: null, signal: null, timeoutMs: 0, vm: 0 };
  return {
    ...{ series: row.series, collection: test.collection, name: test.name, attempt: row.attempt },
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
