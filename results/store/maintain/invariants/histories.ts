// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import { type Counts, noCounts, outcomes } from '../../../words.ts';
import { ByteWriter } from '../../pack/bytes.ts';
import { type Newest, newestOf } from '../../pack/newest.ts';
import {
  countPoints,
  type Point,
  pointsOfRun,
  readPiece,
  readTotals,
  runsPerPiece,
  writePoint,
} from '../../pack/point.ts';
import type { PackedResult } from '../../pack/run.ts';
import { newestIn } from '../../read/last-pieces.ts';
import type { HistoryRow, RunRow } from '../../schema.ts';

/** What the history of a series has to be: its points as bytes, since there may be many. */
interface Expected {
  before: Counts;
  all: Counts;
  points: ByteWriter | null;
  newest: Newest | undefined;
}

/** The histories of a place, made once more of its runs in order, and compared piece by piece. */
export class HistoryCheck {
  /** How many there were to compare. */
  pieces = 0;
  #row: Database.Statement<[number, number], HistoryRow>;
  #series = new Map<number, Expected>();
  #piece = 0;

  constructor(database: Database.Database) {
    this.#row = database.prepare('SELECT * FROM history WHERE series = ? AND piece = ?');
  }

  /** @param run the next one that is in histories */
  *add(run: RunRow, results: readonly PackedResult[]): Iterable<string> {
    const piece = Math.floor(run.seq! / runsPerPiece);
    if (piece !== this.#piece) yield* this.end();
    this.#piece = piece;
    for (const [id, point] of pointsOfRun(results)) {
      const series = this.#series.get(id) ?? {
        ...{ before: noCounts(), all: noCounts(), points: null, newest: undefined },
      };
      series.points ??= new ByteWriter();
      writePoint(series.points, run.seq!, point);
      countPoints(series.all, [point]);
      const newest = { run: run.id, at: run.started_at, outcome: point.outcome };
      series.newest = newestOf(series.newest, newest);
      this.#series.set(id, series);
    }
  }

  /** Compares the piece of the runs that came. */
  *end(): Iterable<string> {
    for (const [id, series] of this.#series) {
      if (series.points === null) continue;
      this.pieces++;
      const what = `the history of series ${id} (piece ${this.#piece})`;
      const row = this.#row.get(id, this.#piece);
      if (!row) yield `${what} is not there`;
      else yield* differences(what, row, series);
      series.before = { ...series.all };
      series.points = null;
    }
  }
}

function* differences(what: string, row: HistoryRow, { before, points, newest }: Expected): Iterable<string> {
  try {
    const same =
      samePoints(row.data, points!.bytes()) &&
      sameCounts(readTotals(row.totals), before) &&
      sameNewest(newestIn(row), newest!);
    if (!same) yield `${what} is not what its runs say`;
  } catch (error) {
    yield `${what} cannot be unpacked: ${(error as Error).message}`;
  }
}

function samePoints(one: Uint8Array, other: Uint8Array): boolean {
  const [points, wanted] = [readPiece(one), readPiece(other)];
  const keys = ['outcome', 'attempt', 'attempts', 'durationMs', 'line'] as const satisfies (keyof Point)[];
  return (
    points.size === wanted.size &&
    [...wanted].every(([place, point]) => keys.every((key) => points.get(place)?.[key] === point[key]))
  );
}

const sameCounts = (one: Counts, other: Counts) =>
  outcomes.every((outcome) => one[outcome] === other[outcome]);

const sameNewest = (one: Newest, other: Newest) =>
  one.run === other.run && one.at === other.at && one.outcome === other.outcome;

/** @param pieces how many there have to be; NaN where nobody knows */
export function* strays(database: Database.Database, pieces: number): Iterable<string> {
  const there = database.prepare<[], number>('SELECT count(*) FROM history').pluck().get()!;
  if (there > pieces) yield `${there - pieces} pieces of histories are of no run`;
}
