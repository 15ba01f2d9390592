// SPDX-License-Identifier: GPL-2.0-only
import { CompiledQuery, type Kysely } from 'kysely';
import { Histories, type HistoryRow } from './histories.ts';
import { packetOf, type ResultRow } from './packet.ts';

interface Place {
  id: number;
  branch: number;
  variant: number;
  suite: string;
}

const runsPerFold = 16;
const bad = '1, 4, 5, 6, 7, 8';

/**
 * Packs the results of the runs that are over, place by place. What it writes is what 0003 was released with: nothing
 * here is shared with the code that writes now, which may come to write otherwise.
 */
export async function packRuns(db: Kysely<unknown>): Promise<void> {
  const ask = async <Row>(text: string, ...parameters: unknown[]) =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, parameters))).rows;
  for (const place of await ask<Place>('SELECT id, branch, variant, suite FROM place')) {
    const runs = await ask<{ id: number; started_at: number }>(
      `SELECT id, started_at FROM run WHERE branch = ? AND variant = ? AND suite = ? AND finished_at IS NOT NULL
       ORDER BY started_at, id`,
      ...[place.branch, place.variant, place.suite],
    );
    const folded = runs.length - (runs.length % runsPerFold);
    const histories = new Histories();
    const keep = async (rows: HistoryRow[]) => {
      for (const row of rows) await ask('INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?)', ...row);
    };
    for (const [seq, run] of runs.entries()) {
      const rows = await ask<ResultRow>(
        `SELECT result.series, attempt, outcome, duration_ms, position, line, marked_flaky FROM result
         JOIN series ON series.id = result.series JOIN name ON name.id = series.name
         WHERE result.run = ? ORDER BY name.test, attempt, position`,
        run.id,
      );
      await ask('INSERT INTO packed_run VALUES (?, ?, ?)', run.id, rows.length, packetOf(rows));
      await ask('UPDATE run SET seq = ? WHERE id = ?', seq, run.id);
      if (seq < folded) await keep(histories.add(run, seq, rows));
    }
    await keep(histories.end());
    await ask('UPDATE place SET runs = ?, folded = ? WHERE id = ?', runs.length, folded, place.id);
  }
  await ask(
    `INSERT INTO failure SELECT run, series, attempt, outcome FROM result JOIN run ON run.id = result.run
     WHERE run.finished_at IS NOT NULL AND outcome IN (${bad})`,
  );
}
