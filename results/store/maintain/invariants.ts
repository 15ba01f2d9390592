// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import { type Counts, noCounts, outcomes } from '../../words.ts';
import { countPoints, pointsOfRun, readPiece, readTotals } from '../pack/point.ts';
import { type PackedResult, unpackRun } from '../pack/run.ts';

interface RunRow {
  id: number;
  seq: number;
  folded: number;
  data: Uint8Array;
}

const same = (one: Counts, other: Counts) => outcomes.every((outcome) => one[outcome] === other[outcome]);

/** What is kept twice must say the same both times: the sums of runs, and the histories of series. */
export function* invariants(database: Database.Database): Iterable<string> {
  const totals = new Map<number, Counts>();
  const runs = database.prepare<[], RunRow>(
    `SELECT run.id, run.seq, place.folded, packed_run.data FROM run JOIN packed_run ON packed_run.run = run.id
     JOIN place ON place.branch = run.branch AND place.variant = run.variant AND place.suite = run.suite`,
  );
  for (const { id, seq, folded, data } of runs.iterate()) {
    let results: PackedResult[];
    try {
      results = unpackRun(data);
    } catch (error) {
      yield `the results of run ${id} cannot be unpacked: ${(error as Error).message}`;
      continue;
    }
    yield* sums(database, id, results);
    if (seq < folded) add(totals, results);
  }
  yield* histories(database, totals);
}

function* sums(database: Database.Database, id: number, results: readonly PackedResult[]): Iterable<string> {
  const tops = new Set(results.filter(({ position }) => position === 0).map(({ series }) => series));
  const points = [...pointsOfRun(results)];
  const rows = database
    .prepare<[number], Counts & { level: number }>('SELECT * FROM run_count WHERE run = ?')
    .all(id);
  for (const level of [0, 1]) {
    const of = points.filter(([series]) => tops.has(series) === (level === 0)).map(([, point]) => point);
    const kept = rows.find((row) => row.level === level);
    if (!kept || !same(kept, countPoints(noCounts(), of))) {
      yield `the counts of run ${id} (level ${level}) are not those of its results`;
    }
  }
}

function add(totals: Map<number, Counts>, results: readonly PackedResult[]): void {
  for (const [series, point] of pointsOfRun(results)) {
    const counts = totals.get(series) ?? noCounts();
    totals.set(series, countPoints(counts, [point]));
  }
}

function* histories(database: Database.Database, totals: Map<number, Counts>): Iterable<string> {
  const last = database.prepare<[number], { totals: Uint8Array; data: Uint8Array }>(
    'SELECT totals, data FROM history WHERE series = ? ORDER BY piece DESC LIMIT 1',
  );
  for (const [series, counts] of totals) {
    const piece = last.get(series);
    const kept = piece ? countPoints(readTotals(piece.totals), readPiece(piece.data).values()) : noCounts();
    if (!same(kept, counts)) yield `the history of series ${series} is not what its runs say`;
  }
}
