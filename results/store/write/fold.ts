// SPDX-License-Identifier: GPL-2.0-only
import { noCounts } from '../../words.ts';
import { chunks } from '../chunks.ts';
import { ByteWriter } from '../pack/bytes.ts';
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
import { lastPieces } from '../read/last-pieces.ts';
import type { RunRow, Trx } from '../schema.ts';
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
    .select(['seq', 'data'])
    .execute();
  const added = new Map<number, ByteWriter>();
  for (const { seq, data } of runs) {
    for (const [series, point] of pointsOfRun(unpackRun(data))) {
      let out = added.get(series);
      if (!out) {
        out = new ByteWriter();
        added.set(series, out);
      }
      writePoint(out, seq!, point);
    }
  }
  // 16 divides 64: all of them are of one piece.
  await append(trx, Math.floor(from / runsPerPiece), added);
}

async function append(trx: Trx, piece: number, added: Map<number, ByteWriter>): Promise<void> {
  const nothing = writeTotals(noCounts());
  for (const series of chunks([...added.keys()].sort((a, b) => a - b))) {
    const last = await lastPieces(trx, series);
    const rows = series.map((id) => {
      const known = last.get(id);
      const bytes = added.get(id)!.bytes();
      if (!known) return [id, piece, nothing, Buffer.from(bytes)];
      if (known.piece === piece) return [id, piece, known.totals, Buffer.concat([known.data, bytes])];
      const totals = writeTotals(countPoints(readTotals(known.totals), readPiece(known.data).values()));
      return [id, piece, Buffer.from(totals), Buffer.from(bytes)];
    });
    await insertMany(trx, 'history', ['series', 'piece', 'totals', 'data'], rows, ['series', 'piece']);
  }
}
