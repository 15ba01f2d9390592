// SPDX-License-Identifier: GPL-2.0-only
import { chunks } from '../chunks.ts';
import { kindCode, outcomeCode, outcomeOf } from '../codes.ts';
import type { Point } from '../pack/point.ts';
import type { Trx } from '../schema.ts';
import type { HistoryPoint } from '../types.ts';
import { newestRuns, type TimedRun } from './newest-runs.ts';
import { pointsIn } from './points-in.ts';
import type { Series } from './series.ts';

/** Runs that lack the series are skipped, so that some more are asked for than are wanted. */
const spare = 32;
const passed = outcomeCode('pass');

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
  const rows = await newest(trx, series, Math.max(0, Math.floor(limit)));
  const runs = rows.map(({ run }) => run.id);
  const messages = await messagesOf(trx, series.id, rows);
  const logs = await outputLogs(trx, parent, runs);
  return rows.map(({ run, point }) => ({
    ...{ runId: run.id, revision: run.revision, startedAt: run.startedAt },
    ...{ outcome: outcomeOf(point.outcome), attempts: point.attempts, durationMs: point.durationMs },
    message: messages.get(`${run.id} ${point.attempt}`) ?? '',
    line: point.line,
    log: logs.get(`${run.id} ${point.attempt}`) ?? null,
  }));
}

type Row = { run: TimedRun; point: Point };

async function newest(trx: Trx, series: Series, limit: number): Promise<Row[]> {
  const place = { branch: series.branchId, variant: series.variantId, suite: series.suite };
  const rows: Row[] = [];
  let before: TimedRun | null = null;
  while (rows.length < limit) {
    const wanted = limit - rows.length + spare;
    const runs: TimedRun[] = await newestRuns(trx, place, wanted, before);
    const points = (await pointsIn(trx, place, [series.id], runs)).get(series.id)!;
    for (const run of runs) {
      const point = points.get(run.id);
      if (point && rows.length < limit) rows.push({ run, point });
    }
    if (runs.length < wanted) break;
    before = runs.at(-1)!;
  }
  return rows;
}

/** By `run attempt`. A pass has nothing to say, and asking for a few is cheaper than for all. */
async function messagesOf(trx: Trx, series: number, rows: Row[]): Promise<Map<string, string>> {
  const messages = new Map<string, string>();
  const telling = rows.filter(({ point }) => point.outcome !== passed);
  for (const part of chunks(telling.map(({ run }) => run.id))) {
    const found = await trx
      .selectFrom('message')
      .select(['run', 'attempt', 'text'])
      .where('run', 'in', part)
      .where('series', '=', series)
      .execute();
    for (const row of found) messages.set(`${row.run} ${row.attempt}`, row.text);
  }
  return messages;
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
