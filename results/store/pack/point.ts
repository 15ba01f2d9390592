// SPDX-License-Identifier: GPL-2.0-only
import { type Counts, noCounts, outcomes } from '../../words.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { knownOutcome, type PackedResult } from './run.ts';

/** What a run says of a series: its last attempt. */
export interface Point {
  /** As in `codes.ts`. */
  outcome: number;
  /** The number of the last attempt, and how many there were. */
  attempt: number;
  attempts: number;
  durationMs: number | null;
  line: number | null;
}

/** So many runs of a place make a piece of a history; `run.seq` says which, and where in it. */
export const runsPerPiece = 64;
/** So many runs are added to the pieces at once: a piece is written four times, not 64. */
export const runsPerFold = 16;

const several = 0x40;
const flag = { duration: 0x10, line: 0x20 };

export function writePoint(out: ByteWriter, seq: number, point: Point): void {
  const { attempt, attempts, durationMs, line } = point;
  const again = attempt !== 1 || attempts !== 1;
  out.byte((seq % runsPerPiece) | (again ? several : 0));
  out.byte(point.outcome | (durationMs === null ? 0 : flag.duration) | (line === null ? 0 : flag.line));
  if (again) {
    out.number(attempt);
    out.number(attempts);
  }
  if (durationMs !== null) out.number(durationMs);
  if (line !== null) out.signed(line);
}

/** The points of a piece, by the run's place in it. @throws RangeError for what `writePoint` did not make */
export function readPiece(data: Uint8Array): Map<number, Point> {
  const bytes = new ByteReader(data);
  const points = new Map<number, Point>();
  while (!bytes.done) {
    const first = bytes.byte();
    const head = bytes.byte();
    const again = (first & several) !== 0;
    points.set(first & (runsPerPiece - 1), {
      outcome: knownOutcome(head),
      attempt: again ? bytes.number() : 1,
      attempts: again ? bytes.number() : 1,
      durationMs: head & flag.duration ? bytes.number() : null,
      line: head & flag.line ? bytes.signed() : null,
    });
  }
  return points;
}

/** The last attempt of each series of a run. */
export function pointsOfRun(results: readonly PackedResult[]): Map<number, Point> {
  const points = new Map<number, Point>();
  for (const { series, attempt, outcome, durationMs, line } of results) {
    const known = points.get(series);
    const attempts = (known?.attempts ?? 0) + 1;
    if (known && known.attempt > attempt) known.attempts = attempts;
    else points.set(series, { outcome, attempt, attempts, durationMs, line });
  }
  return points;
}

/** What all pieces before one add up to. */
export function writeTotals(counts: Counts): Uint8Array {
  const out = new ByteWriter();
  for (const outcome of outcomes) out.number(counts[outcome]);
  return out.bytes();
}

export function readTotals(data: Uint8Array): Counts {
  const bytes = new ByteReader(data);
  const counts = noCounts();
  // A word that was added later is not in old ones.
  for (const outcome of outcomes) counts[outcome] = bytes.done ? 0 : bytes.number();
  return counts;
}

export function countPoints(counts: Counts, points: Iterable<Point>): Counts {
  for (const { outcome } of points) counts[outcomes[outcome]!]++;
  return counts;
}
