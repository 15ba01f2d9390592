// SPDX-License-Identifier: GPL-2.0-only
import { kindCode, outcomeCode, outcomeOf } from '../codes.ts';
import { atLeastNone } from '../limit.ts';
import type { Point } from '../pack/point.ts';
import type { Trx } from '../schema.ts';
import type { HistoryPoint } from '../types.ts';
import { among } from './among.ts';
import { newestRuns, type TimedRun } from './newest-runs.ts';
import { type PlaceKey, pointsIn } from './points-in.ts';
import type { Series } from './series.ts';
import { runsOfSeries } from './series-runs.ts';

/** Some runs lack the series, so that some more are asked for than are wanted. */
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
  const rows = await newest(trx, series, atLeastNone(limit));
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
  const runs = await newestRuns(trx, place, limit + spare);
  const rows = await saidIn(trx, place, series.id, runs);
  // Where most of them lack it, its history tells which runs do not, rather than all runs that there ever were.
  const rare = rows.length < limit && runs.length === limit + spare;
  const all = rare ? await saidIn(trx, place, series.id, await runsOfSeries(trx, place, series.id)) : rows;
  return all.slice(0, limit);
}

async function saidIn(trx: Trx, place: PlaceKey, series: number, runs: readonly TimedRun[]): Promise<Row[]> {
  const points = (await pointsIn(trx, place, [series], runs)).get(series)!;
  return runs.flatMap((run) => (points.has(run.id) ? { run, point: points.get(run.id)! } : []));
}

/** By `run attempt`. A pass has nothing to say, and asking for a few is cheaper than for all. */
async function messagesOf(trx: Trx, series: number, rows: Row[]): Promise<Map<string, string>> {
  const messages = new Map<string, string>();
  const telling = rows.filter(({ point }) => point.outcome !== passed);
  if (telling.length === 0) return messages;
  const runs = telling.map(({ run }) => run.id);
  const found = await trx
    .selectFrom('message')
    .select(['run', 'attempt', 'text'])
    .where(among('run', runs))
    .where('series', '=', series)
    .execute();
  for (const row of found) messages.set(`${row.run} ${row.attempt}`, row.text);
  return messages;
}

/** By `run attempt`: the hash of the test's first `output` log. */
async function outputLogs(trx: Trx, test: number, runs: number[]): Promise<Map<string, string>> {
  const logs = new Map<string, string>();
  const rows = await trx
    .selectFrom('result_log')
    .innerJoin('log', 'log.id', 'result_log.log')
    .select(['run', 'attempt', 'hash'])
    .where(among('run', runs))
    .where('series', '=', test)
    .where('kind', '=', kindCode('output'))
    .orderBy('position', 'desc')
    .execute();
  for (const row of rows) logs.set(`${row.run} ${row.attempt}`, row.hash);
  return logs;
}
