// SPDX-License-Identifier: GPL-2.0-only
import { badOutcomes } from '../../words.ts';
import { outcomeCode } from '../codes.ts';
import { runsPerFold } from '../pack/point.ts';
import { type PackedResult, packRun } from '../pack/run.ts';
import type { RunRow, Trx } from '../schema.ts';
import { fold } from './fold.ts';
import { insertMany } from './insert-many.ts';
import { storedResults } from './stored-results.ts';

const bad = new Set(badOutcomes.map(outcomeCode));

/**
 * Packs the results of a run that is over. It becomes the next run of its place; when 16 have come together, they are
 * added to the histories of their series.
 * @param results each test's attempt, followed by its subtests in order
 */
export async function sealRun(trx: Trx, run: RunRow, results: readonly PackedResult[]): Promise<void> {
  await insertMany(
    trx,
    'packed_run',
    ['run', 'results', 'data'],
    [[run.id, results.length, packRun(results)]],
  );
  await insertMany(
    trx,
    'failure',
    ['run', 'series', 'attempt', 'outcome'],
    results
      .filter(({ outcome }) => bad.has(outcome))
      .map(({ series, attempt, outcome }) => [run.id, series, attempt, outcome]),
  );
  const { branch, variant, suite } = run;
  const {
    id,
    runs: count,
    folded,
  } = await trx
    .insertInto('place')
    .values({ branch, variant, suite, runs: 1, folded: 0 })
    .onConflict((conflict) =>
      conflict
        .columns(['branch', 'variant', 'suite'])
        .doUpdateSet((eb) => ({ runs: eb('place.runs', '+', 1) })),
    )
    .returning(['id', 'runs', 'folded'])
    .executeTakeFirstOrThrow();
  await trx
    .updateTable('run')
    .set({ seq: count - 1 })
    .where('id', '=', run.id)
    .execute();
  if (count - folded < runsPerFold) return;
  await fold(trx, run, folded);
  await trx.updateTable('place').set({ folded: count }).where('id', '=', id).execute();
}

/** The same for a run whose results are rows: they go. */
export async function sealStored(trx: Trx, run: RunRow): Promise<void> {
  await sealRun(trx, run, await storedResults(trx, run.id));
  await trx.deleteFrom('result').where('run', '=', run.id).execute();
}
