// SPDX-License-Identifier: GPL-2.0-only
import { chunks } from '../chunks.ts';
import { kindCode, outcomeOf } from '../codes.ts';
import type { Trx } from '../schema.ts';
import type { HistoryPoint } from '../types.ts';
import type { Series } from './series.ts';

/**
 * The last attempt in each of the newest runs, newest first.
 * @param parent the series of the test: it has the logs
 */
export async function points(
  trx: Trx,
  series: Series,
  parent: number,
  limit: number,
): Promise<HistoryPoint[]> {
  const rows = await newest(trx, series, limit);
  const runs = rows.map((row) => row.runId);
  const attempts = await attemptsIn(trx, series.id, runs);
  const logs = await outputLogs(trx, parent, runs);
  return rows.map(({ attempt, message, outcome, ...row }) => ({
    ...row,
    outcome: outcomeOf(outcome),
    attempts: attempts.get(row.runId) ?? 1,
    message: message ?? '',
    log: logs.get(`${row.runId} ${attempt}`) ?? null,
  }));
}

/** The cross join is a join whose order SQLite keeps: newest runs first, each looked up, until there are enough. */
async function newest(trx: Trx, series: Series, limit: number) {
  return trx
    .selectFrom('run')
    .crossJoin('result')
    .innerJoin('revision', 'revision.id', 'run.revision')
    .leftJoin('message', (join) =>
      join
        .onRef('message.run', '=', 'result.run')
        .onRef('message.series', '=', 'result.series')
        .onRef('message.attempt', '=', 'result.attempt'),
    )
    .where('run.branch', '=', series.branchId)
    .where('run.variant', '=', series.variantId)
    .where('run.suite', '=', series.suite)
    .whereRef('result.run', '=', 'run.id')
    .where('result.series', '=', series.id)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('result as later')
            .select('later.attempt')
            .whereRef('later.run', '=', 'result.run')
            .whereRef('later.series', '=', 'result.series')
            .whereRef('later.attempt', '>', 'result.attempt'),
        ),
      ),
    )
    .select(['run.id as runId', 'revision.name as revision', 'run.started_at as startedAt', 'result.attempt'])
    .select(['result.outcome', 'result.duration_ms as durationMs', 'message.text as message', 'result.line'])
    .orderBy('run.started_at', 'desc')
    .orderBy('run.id', 'desc')
    .limit(Math.max(0, Math.floor(limit)))
    .execute();
}

async function attemptsIn(trx: Trx, series: number, runs: number[]): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const part of chunks(runs)) {
    const rows = await trx
      .selectFrom('result')
      .select(['run', (eb) => eb.fn.countAll<number>().as('attempts')])
      .where('series', '=', series)
      .where('run', 'in', part)
      .groupBy('run')
      .execute();
    for (const row of rows) counts.set(row.run, Number(row.attempts));
  }
  return counts;
}

/** By `run attempt`: the hash of the test's first `output` log. */
async function outputLogs(trx: Trx, test: number, runs: number[]): Promise<Map<string, string>> {
  const logs = new Map<string, string>();
  for (const part of chunks(runs)) {
    const rows = await trx
      .selectFrom('result_log')
      .innerJoin('log', 'log.id', 'result_log.log')
      .select(['run', 'attempt', 'hash'])
      .where('run', 'in', part)
      .where('series', '=', test)
      .where('kind', '=', kindCode('output'))
      .orderBy('position', 'desc')
      .execute();
    for (const row of rows) logs.set(`${row.run} ${row.attempt}`, row.hash);
  }
  return logs;
}
