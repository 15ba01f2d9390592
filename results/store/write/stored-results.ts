// SPDX-License-Identifier: GPL-2.0-only
import type { PackedResult } from '../pack/run.ts';
import type { Trx } from '../schema.ts';

/** The rows of a run that goes on: each test's attempt, followed by its subtests in order. */
export async function storedResults(trx: Trx, run: number): Promise<PackedResult[]> {
  const rows = await trx
    .selectFrom('result')
    .innerJoin('series', 'series.id', 'result.series')
    .innerJoin('name', 'name.id', 'series.name')
    .where('result.run', '=', run)
    .select(['result.series', 'result.attempt', 'result.outcome', 'result.duration_ms', 'result.position'])
    .select(['result.line', 'result.marked_flaky'])
    .orderBy('name.test')
    .orderBy('result.attempt')
    .orderBy('result.position')
    .execute();
  return rows.map(({ duration_ms, marked_flaky, ...row }) => ({
    ...row,
    durationMs: duration_ms,
    markedFlaky: marked_flaky === 1,
  }));
}
