// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import { badOutcomes, type Counts, noCounts, outcomes } from '../../../words.ts';
import { outcomeCode } from '../../codes.ts';
import { countPoints, pointsOfRun } from '../../pack/point.ts';
import { type PackedResult, unpackRun } from '../../pack/run.ts';

const bad = new Set(badOutcomes.map(outcomeCode));
/** What hangs on results. */
const sideTables = ['execution', 'message', 'problem', 'result_log', 'occurrence'];

/** The results of a run that ended; null, with the problem, where they cannot be read. */
export function* packetOf(
  database: Database.Database,
  run: number,
): Generator<string, PackedResult[] | null> {
  const row = database
    .prepare<[number], { results: number; data: Uint8Array }>(
      'SELECT results, data FROM packed_run WHERE run = ?',
    )
    .get(run);
  if (!row) {
    yield `run ${run} has ended, and its results are not there`;
    return null;
  }
  let results: PackedResult[];
  try {
    results = unpackRun(row.data);
  } catch (error) {
    yield `the results of run ${run} cannot be unpacked: ${(error as Error).message}`;
    return null;
  }
  if (row.results !== results.length)
    yield `run ${run} should have ${row.results} results, and has ${results.length}`;
  return results;
}

/** What is kept of a run beside its results: sums, failures, what hangs on them. */
export function* runProblems(
  database: Database.Database,
  run: number,
  results: readonly PackedResult[],
): Iterable<string> {
  yield* sums(database, run, results);
  const failures = database
    .prepare<[number], { series: number; attempt: number; outcome: number }>(
      'SELECT series, attempt, outcome FROM failure WHERE run = ?',
    )
    .all(run);
  const key = ({ series, attempt, outcome }: Pick<PackedResult, 'series' | 'attempt' | 'outcome'>) =>
    `${series} ${attempt} ${outcome}`;
  const wanted = new Set(results.filter(({ outcome }) => bad.has(outcome)).map(key));
  if (failures.length !== wanted.size || !failures.every((row) => wanted.has(key(row))))
    yield `the failures of run ${run} are not those of its results`;
  yield* hanging(database, run, results);
}

/** Runs that go on, or that no newer multitap has opened since they ended: their results are rows. */
export function* goingProblems(database: Database.Database): Iterable<string> {
  const runs = database.prepare<[], number>('SELECT id FROM run WHERE seq IS NULL').pluck().all();
  const rows = database.prepare<[number], PackedResult>(
    `SELECT series, attempt, outcome, position, duration_ms AS durationMs, line, marked_flaky AS markedFlaky
     FROM result WHERE run = ? ORDER BY series, attempt`,
  );
  for (const run of runs) {
    const results = rows.all(run);
    const strange = results.find(({ outcome }) => outcomes[outcome] === undefined);
    if (strange) yield `a result of run ${run} has the outcome ${strange.outcome}, which is none`;
    else yield* sums(database, run, results);
    yield* hanging(database, run, results);
  }
  const both = database.prepare<[], number>(
    `SELECT run FROM packed_run JOIN run ON run.id = packed_run.run WHERE seq IS NULL
     UNION SELECT run FROM failure JOIN run ON run.id = failure.run WHERE seq IS NULL`,
  );
  for (const run of both.pluck().all()) yield `run ${run} goes on, and is packed already`;
  const left = database.prepare<[], number>(
    'SELECT DISTINCT run FROM result JOIN run ON run.id = result.run WHERE seq IS NOT NULL',
  );
  for (const run of left.pluck().all()) yield `run ${run} is packed, and has rows of results`;
}

function* sums(database: Database.Database, run: number, results: readonly PackedResult[]): Iterable<string> {
  const tops = new Set(results.filter(({ position }) => position === 0).map(({ series }) => series));
  const points = [...pointsOfRun(results)];
  const rows = database
    .prepare<[number], Counts & { level: number }>('SELECT * FROM run_count WHERE run = ?')
    .all(run);
  for (const level of [0, 1]) {
    const of = points.filter(([series]) => tops.has(series) === (level === 0)).map(([, point]) => point);
    const counts = countPoints(noCounts(), of);
    const kept = rows.find((row) => row.level === level);
    if (!kept || !outcomes.every((outcome) => kept[outcome] === counts[outcome]))
      yield `the counts of run ${run} (level ${level}) are not those of its results`;
  }
}

function* hanging(
  database: Database.Database,
  run: number,
  results: readonly PackedResult[],
): Iterable<string> {
  const there = new Set(results.map(({ series, attempt }) => `${series} ${attempt}`));
  for (const table of sideTables) {
    const rows = database.prepare<[number], { series: number; attempt: number }>(
      `SELECT series, attempt FROM ${table} WHERE run = ?`,
    );
    if (rows.all(run).some(({ series, attempt }) => !there.has(`${series} ${attempt}`)))
      yield `a row of ${table} of run ${run} belongs to no result`;
  }
}
