// SPDX-License-Identifier: GPL-2.0-only
import type { PackedResult } from '../pack/run.ts';
import type { Db, Trx } from '../schema.ts';
import type { RunSummary, TestResult } from '../types.ts';
import { attachedTo } from './attached.ts';
import { namesOf } from './names.ts';
import { build, rowsOf } from './results.ts';
import { snapshot } from './snapshot.ts';
import { summaries } from './summaries.ts';

/**
 * A run's tests, each with all its attempts, by when they started. Each is read when it is asked for, on its own: a
 * reader that is slow keeps nobody from tidying up the database, and memory holds the names, messages and logs of one
 * test, beside the bare results of all.
 */
export async function* testsOf(db: Db, run: number): AsyncIterable<TestResult[]> {
  const { summary, tests } = await snapshot(db, (trx) => begin(trx, run));
  for (const rows of tests) {
    yield await snapshot(db, async (trx) => {
      const series = [...new Set(rows.map((row) => row.series))];
      const attached = await attachedTo(trx, run, series);
      return build(summary, rows, await namesOf(trx, db, series), attached);
    });
  }
}

/** The results of each test. Tests that never reported have no start: they come last. */
async function begin(trx: Trx, run: number): Promise<{ summary: RunSummary; tests: PackedResult[][] }> {
  const [summary] = await summaries(trx, [run]);
  const starts = await trx
    .selectFrom('execution')
    .where('run', '=', run)
    .groupBy('series')
    .select(['series', (eb) => eb.fn.min('started_at').as('first')])
    .execute();
  const first = new Map(starts.map((row) => [row.series, row.first]));
  const tests = new Map<number, PackedResult[]>();
  let test = 0;
  for (const row of await rowsOf(trx, run)) {
    if (row.position === 0) test = row.series;
    const rows = tests.get(test);
    if (rows) rows.push(row);
    else tests.set(test, [row]);
  }
  const start = (rows: PackedResult[]) => first.get(rows[0]!.series) ?? Number.MAX_SAFE_INTEGER;
  return {
    summary: summary!,
    tests: [...tests.values()].sort((a, b) => start(a) - start(b) || a[0]!.series - b[0]!.series),
  };
}
