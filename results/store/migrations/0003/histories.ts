// SPDX-License-Identifier: GPL-2.0-only
import { Bytes } from './bytes.ts';
import type { ResultRow } from './packet.ts';

/** A row of `history`, in the order of its columns. */
export type HistoryRow = [
  series: number,
  piece: number,
  totals: Buffer,
  data: Buffer,
  newestRun: number,
  newestAt: number,
  newestOutcome: number,
];

const outcomes = 9;
const runsPerPiece = 64;
const flag = { duration: 0x10, line: 0x20, several: 0x40 };

interface Series {
  /** Of the pieces before, and of all points. */
  before: number[];
  all: number[];
  points: Bytes | null;
  newest: [run: number, at: number, outcome: number];
}

/** The last attempt, and how many there were. */
type Point = ResultRow & { attempts: number };

/** The histories of a place's series, as its runs are added to them, in the order in which they began. */
export class Histories {
  #series = new Map<number, Series>();
  #piece = 0;

  /** @returns the rows of the piece before, where this run begins another one */
  add(run: { id: number; started_at: number }, seq: number, rows: readonly ResultRow[]): HistoryRow[] {
    const done = Math.floor(seq / runsPerPiece) === this.#piece ? [] : this.end();
    this.#piece = Math.floor(seq / runsPerPiece);
    for (const [id, point] of pointsOf(rows)) {
      const series = this.#series.get(id) ?? {
        before: new Array<number>(outcomes).fill(0),
        all: new Array<number>(outcomes).fill(0),
        points: null,
        newest: [0, 0, 0],
      };
      series.points ??= new Bytes();
      writePoint(series.points, seq, point);
      series.all[point.outcome]!++;
      series.newest = [run.id, run.started_at, point.outcome];
      this.#series.set(id, series);
    }
    return done;
  }

  /** @returns the rows of the piece that is not full */
  end(): HistoryRow[] {
    const rows: HistoryRow[] = [];
    for (const [id, series] of this.#series) {
      if (series.points === null) continue;
      const totals = new Bytes();
      for (const count of series.before) totals.number(count);
      rows.push([id, this.#piece, totals.bytes(), series.points.bytes(), ...series.newest]);
      series.before = [...series.all];
      series.points = null;
    }
    return rows;
  }
}

function pointsOf(rows: readonly ResultRow[]): Map<number, Point> {
  const points = new Map<number, Point>();
  for (const row of rows) {
    const known = points.get(row.series);
    const attempts = (known?.attempts ?? 0) + 1;
    if (known && known.attempt > row.attempt) known.attempts = attempts;
    else points.set(row.series, { ...row, attempts });
  }
  return points;
}

function writePoint(out: Bytes, seq: number, point: Point): void {
  const { attempt, attempts, duration_ms, line } = point;
  const again = attempt !== 1 || attempts !== 1;
  out.byte((seq % runsPerPiece) | (again ? flag.several : 0));
  out.byte(point.outcome | (duration_ms === null ? 0 : flag.duration) | (line === null ? 0 : flag.line));
  if (again) {
    out.number(attempt);
    out.number(attempts);
  }
  if (duration_ms !== null) out.number(duration_ms);
  if (line !== null) out.signed(line);
}
