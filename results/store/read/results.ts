// SPDX-License-Identifier: GPL-2.0-only
import { outcomeOf } from '../codes.ts';
import { type PackedResult, unpackRun } from '../pack/run.ts';
import type { Db, Trx } from '../schema.ts';
import type { RunSummary, SubtestResult, TestResult } from '../types.ts';
import { storedResults } from '../write/stored-results.ts';
import { type Attached, attachedTo } from './attached.ts';
import { intact } from './intact.ts';
import { namesOf, type SeriesName } from './names.ts';

/** Every attempt of every test of a run, in the order in which they started. */
export async function resultsOf(db: Db, trx: Trx, run: RunSummary): Promise<TestResult[]> {
  const rows = await rowsOf(trx, run.id);
  const names = await namesOf(
    trx,
    db,
    rows.map(({ series }) => series),
  );
  return build(run, rows, names, await attachedTo(trx, run.id));
}

/** What was recorded of a run: each test's attempt, followed by its subtests in order. */
export async function rowsOf(trx: Trx, run: number): Promise<PackedResult[]> {
  const packet = await trx.selectFrom('packed_run').select('data').where('run', '=', run).executeTakeFirst();
  return packet ? intact(`Run ${run}`, () => unpackRun(packet.data)) : storedResults(trx, run);
}

/** @param rows as `rowsOf` gives them, of some tests or of all */
export function build(
  run: RunSummary,
  rows: readonly PackedResult[],
  names: Map<number, SeriesName>,
  attached: Attached,
): TestResult[] {
  const endedAt = run.finishedAt ?? run.startedAt;
  const results: TestResult[] = [];
  for (const row of rows) {
    const name = names.get(row.series)!;
    if (row.position === 0) results.push(testResult(row, name, attached, endedAt));
    else results.at(-1)!.subtests.push(subtestResult(row, name, attached));
  }
  return results.sort((a, b) => a.startedAt - b.startedAt || a.attempt - b.attempt);
}

function subtestResult(row: PackedResult, { subtest }: SeriesName, { messages }: Attached): SubtestResult {
  const { series, durationMs, line, markedFlaky } = row;
  const message = messages.get(`${series} ${row.attempt}`) ?? '';
  return { series, name: subtest, outcome: outcomeOf(row.outcome), durationMs, line, markedFlaky, message };
}

/** A test that never reported was never executed: it stands where the run ended. */
function testResult(
  row: PackedResult,
  { collection, name }: SeriesName,
  attached: Attached,
  endedAt: number,
): TestResult {
  const { series, attempt, line } = row;
  const key = `${series} ${attempt}`;
  const never = { startedAt: endedAt, cpuMs: null, exitCode: null, signal: null, timeoutMs: 0, vm: 0 };
  return {
    ...{
      series,
      collection,
      name,
      attempt,
      outcome: outcomeOf(row.outcome),
      durationMs: row.durationMs,
    },
    ...(attached.executions.get(key) ?? never),
    message: attached.messages.get(key) ?? '',
    line,
    logs: attached.logs.get(key) ?? [],
    problems: attached.problems.get(key) ?? [],
    crashes: attached.crashes.get(key) ?? [],
    subtests: [],
  };
}
