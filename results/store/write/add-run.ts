// SPDX-License-Identifier: GPL-2.0-only
import { type Counts, noCounts, outcomes } from '../../words.ts';
import { outcomeCode, stateCode, stateOf } from '../codes.ts';
import { pointsOfRun } from '../pack/point.ts';
import type { PackedResult } from '../pack/run.ts';
import type { Db, RunRow, Trx } from '../schema.ts';
import { boundMessage, whole, wholeAttempt, wholeLine, wholeMs } from '../text.ts';
import type { RunEnd, RunStart, TestReport } from '../types.ts';
import { recordTest } from './add-test.ts';
import { attachLogs, attachProblems, executionRow } from './attach.ts';
import { attachCrashes } from './attach-crashes.ts';
import { closeRun, honest, missingMessage } from './finish-run.ts';
import { insertMany } from './insert-many.ts';
import { type KeptLog, keepLogs } from './keep-logs.ts';
import { sealRun } from './seal.ts';
import { SeriesCache } from './series-cache.ts';
import { checkUuid, insertRun } from './start-run.ts';
import { subtestNames } from './subtest-names.ts';

/**
 * Records a run that is over, in one transaction. One that is there and over is left as it is; of one that goes on, what
 * it lacks is added, and it is closed.
 */
export async function addRun(
  db: Db,
  directory: string,
  start: RunStart,
  tests: readonly TestReport[],
  end: RunEnd,
): Promise<{ id: number }> {
  const uuid = checkUuid(start.uuid);
  const known = await findByUuid(db, uuid);
  if (known && isOver(known)) return { id: known.id };
  // Before the transaction, as in addTest.
  const logs: KeptLog[][] = [];
  for (const test of tests) logs.push(await keepLogs(directory, test));
  const cache = new SeriesCache(db);
  const id = await db.transaction().execute(async (trx) => {
    const found = await findByUuid(trx, uuid);
    if (found) {
      if (!isOver(found)) await complete(trx, found, tests, logs, end);
      return found.id;
    }
    const { run, planned } = await insertRun(trx, uuid, start, cache);
    await new Whole(trx, run, cache).add(tests, logs, planned, end);
    return run.id;
  });
  cache.keep();
  return { id };
}

async function findByUuid(db: Db, uuid: string): Promise<RunRow | undefined> {
  return db.selectFrom('run').selectAll().where('uuid', '=', uuid).executeTakeFirst();
}

const isOver = ({ state }: RunRow) => stateOf(state) !== 'running';

/** As if the rest of it had been reported test by test. */
async function complete(
  trx: Trx,
  run: RunRow,
  tests: readonly TestReport[],
  logs: readonly KeptLog[][],
  end: RunEnd,
): Promise<void> {
  for (const [i, test] of tests.entries()) await recordTest(trx, run, test, logs[i]!);
  await closeRun(trx, run, end);
}

/** A run on its way into the store. */
class Whole {
  #trx: Trx;
  #run: RunRow;
  #cache: SeriesCache;
  #results: PackedResult[] = [];
  #messages: unknown[][] = [];
  #executions: unknown[][] = [];
  /** `series attempt` of what is there: a repeated report changes nothing. */
  #seen = new Set<string>();

  constructor(trx: Trx, run: RunRow, cache: SeriesCache) {
    this.#trx = trx;
    this.#run = run;
    this.#cache = cache;
  }

  async add(
    tests: readonly TestReport[],
    logs: readonly KeptLog[][],
    planned: readonly number[],
    end: RunEnd,
  ): Promise<void> {
    for (const [i, test] of tests.entries()) await this.#addTest(test, logs[i]!);
    const tops = new Set(this.#results.filter(({ position }) => position === 0).map(({ series }) => series));
    const silent = planned.filter((series) => !tops.has(series));
    for (const series of silent) this.#addMissing(series, missingMessage(end));
    const trx = this.#trx;
    await insertMany(trx, 'message', ['run', 'series', 'attempt', 'text'], this.#messages);
    const columns = ['started_at', 'cpu_ms', 'exit_code', 'signal', 'timeout_ms', 'vm'] as const;
    await insertMany(trx, 'execution', ['run', 'series', 'attempt', ...columns], this.#executions);
    await this.#count();
    const { state, reason } = honest(end, silent.length);
    const closed = {
      state: stateCode(state),
      reason: boundMessage(reason),
      finished_at: whole(end.finishedAt, 'end of the run'),
    };
    await trx.updateTable('run').set(closed).where('id', '=', this.#run.id).execute();
    await sealRun(trx, this.#run, this.#results);
  }

  async #addTest(test: TestReport, logs: readonly KeptLog[]): Promise<void> {
    const names = ['', ...subtestNames(test.subtests.map(({ name }) => name))];
    const series = await this.#cache.find(this.#trx, this.#run, test, names);
    const attempt = wholeAttempt(test.attempt);
    const execution = { run: this.#run.id, series: series.get('')!, attempt };
    const key = `${execution.series} ${attempt}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#push(execution.series, attempt, 0, { ...test, markedFlaky: false });
    for (const [i, subtest] of test.subtests.entries())
      this.#push(series.get(names[i + 1]!)!, attempt, i + 1, subtest);
    const { started_at, cpu_ms, exit_code, signal, timeout_ms, vm } = executionRow(test);
    this.#executions.push([
      ...Object.values(execution),
      started_at,
      cpu_ms,
      exit_code,
      signal,
      timeout_ms,
      vm,
    ]);
    if (test.problems.length > 0) await attachProblems(this.#trx, execution, test.problems);
    if (logs.length > 0) await attachLogs(this.#trx, execution, logs);
    if (test.crashes?.length) await attachCrashes(this.#trx, execution, test.crashes);
  }

  #push(
    series: number,
    attempt: number,
    position: number,
    part: TestReport['subtests'][number] | (TestReport & { markedFlaky: boolean }),
  ): void {
    this.#results.push({
      ...{ series, attempt, position, markedFlaky: part.markedFlaky, outcome: outcomeCode(part.outcome) },
      durationMs: wholeMs(part.durationMs),
      line: part.line === null ? null : wholeLine(part.line, 'line'),
    });
    if (part.message !== '') this.#messages.push([this.#run.id, series, attempt, boundMessage(part.message)]);
  }

  #addMissing(series: number, message: string): void {
    const outcome = outcomeCode('missing');
    this.#results.push({
      series,
      attempt: 1,
      position: 0,
      outcome,
      durationMs: null,
      line: null,
      markedFlaky: false,
    });
    this.#messages.push([this.#run.id, series, 1, message]);
  }

  /** The sums of the run: for tests, and for subtests. */
  async #count(): Promise<void> {
    const levels: [Counts, Counts] = [noCounts(), noCounts()];
    const tops = new Set(this.#results.filter(({ position }) => position === 0).map(({ series }) => series));
    for (const [series, { outcome }] of pointsOfRun(this.#results))
      levels[tops.has(series) ? 0 : 1][outcomes[outcome]!]++;
    for (const [level, counts] of levels.entries()) {
      await this.#trx
        .updateTable('run_count')
        .set(counts)
        .where('run', '=', this.#run.id)
        .where('level', '=', level)
        .execute();
    }
  }
}
