// SPDX-License-Identifier: GPL-2.0-only
import type { Db, Trx } from '../schema.ts';
import type { TestResult } from '../types.ts';
import { resultsOfTest } from './results.ts';
import { snapshot } from './snapshot.ts';
import { summaries } from './summaries.ts';

/**
 * A run's tests, each with all its attempts, by when they started. Each is read when it is asked for, on its own: a
 * reader that is slow keeps nobody from tidying up the database, and memory holds one test beside the numbers of all.
 */
export async function* testsOf(db: Db, run: number): AsyncIterable<TestResult[]> {
  for (const series of await snapshot(db, (trx) => seriesByTest(trx, run))) {
    yield await snapshot(db, async (trx) => {
      const [summary] = await summaries(trx, [run]);
      return resultsOfTest(trx, summary!, series);
    });
  }
}

/** For each test its series, then those of its subtests. Tests that never reported have no start: they come last. */
async function seriesByTest(trx: Trx, run: number): Promise<number[][]> {
  const rows = await trx
    .selectFrom('result')
    .innerJoin('series', 'series.id', 'result.series')
    .innerJoin('name', 'name.id', 'series.name')
    .where('result.run', '=', run)
    .select(['result.series', 'name.test'])
    .distinct()
    .select((eb) => eb('name.subtest', '=', '').as('isTest'))
    .execute();
  const starts = await trx
    .selectFrom('execution')
    .where('run', '=', run)
    .groupBy('series')
    .select(['series', (eb) => eb.fn.min('started_at').as('first')])
    .execute();
  const first = new Map(starts.map((row) => [row.series, row.first]));
  const start = (list: number[]) => first.get(list[0]!) ?? Number.MAX_SAFE_INTEGER;
  return [...Map.groupBy(rows, ({ test }) => test).values()]
    .map((group) => group.sort((a, b) => Number(b.isTest) - Number(a.isTest)).map(({ series }) => series))
    .sort((a, b) => start(a) - start(b) || a[0]! - b[0]!);
}
