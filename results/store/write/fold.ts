// SPDX-License-Identifier: GPL-2.0-only
import { noCounts } from '../../words.ts';
import { chunks } from '../chunks.ts';
import { ByteWriter } from '../pack/bytes.ts';
import { type Newest, newestOf } from '../pack/newest.ts';
import {
  countPoints,
  pointsOfRun,
  readPiece,
  readTotals,
  runsPerFold,
  runsPerPiece,
  writePoint,
  writeTotals,
} from '../pack/point.ts';
import { unpackRun } from '../pack/run.ts';
import { lastPieces, newestIn } from '../read/last-pieces.ts';
import type { HistoryRow, RunRow, Trx } from '../schema.ts';
import { insertMany } from './insert-many.ts';

/**
 * Adds 16 runs of a place to the histories of their series, so that each history is written once for 16 runs.
 * @param from `seq` of the first
 */
export async function fold(
  trx: Trx,
  place: Pick<RunRow, 'branch' | 'variant' | 'suite'>,
  from: number,
): Promise<void> {
  const runs = await trx
    .selectFrom('run')
    .innerJoin('packed_run', 'packed_run.run', 'run.id')
    .where('branch', '=', place.branch)
    .where('variant', '=', place.variant)
    .where('suite', '=', place.suite)
    .where('seq', '>=', from)
    .where('seq', '<', from + runsPerFold)
    .orderBy('seq')
    .select(['run.id', 'started_at', 'seq', 'data'])
    .execute();
  const added = new Map<number, Added>();
  for (const { id, started_at, seq, data } of runs) {
    for (const [series, point] of pointsOfRun(unpackRun(data))) {
      const known = added.get(series);
      const out = known?.out ?? new ByteWriter();
      writePoint(out, seq!, point);
      const newest = newestOf(known?.newest, { run: id, at: started_at, outcome: point.outcome });
      added.set(series, { out, newest });
    }
  }
  // 16 divides 64: all of them are of one piece.
  await append(trx, Math.floor(from / runsPerPiece), added);
}

/** The points that a series gets, and the newest of them. */
interface Added {
  out: ByteWriter;
  newest: Newest;
}

const columns = ['series', 'piece', 'totals', 'data', 'newest_run', 'newest_at', 'newest_outcome'] as const;

async function append(trx: Trx, piece: number, added: Map<number, Added>): Promise<void> {
  const nothing = writeTotals(noCounts());
  for (const series of chunks([...added.keys()].sort((a, b) => a - b))) {
    const last = await lastPieces(trx, series);
    const rows = series.map((id) => {
      const known = last.get(id);
      const { out, newest } = added.get(id)!;
      const { run, at, outcome } = known ? newestOf(newestIn(known), newest) : newest;
      return [id, piece, ...written(known, piece, out.bytes(), nothing), run, at, outcome];
    });
    await insertMany(trx, 'history', columns, rows, ['series', 'piece']);
  }
}

/** Totals and points of the piece, with the bytes behind them. */
function written(known: HistoryRow | undefined, piece: number, bytes: Uint8Array, nothing: Uint8Array) {
  if (!known) return [nothing, Buffer.from(bytes)];
  if (known.piece === piece) return [known.totals, Buffer.concat([known.data, bytes])];
  const totals = writeTotals(countPoints(readTotals(known.totals), readPiece(known.data).values()));
  return [Buffer.from(totals), Buffer.from(bytes)];
}
