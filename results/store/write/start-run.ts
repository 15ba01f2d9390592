// SPDX-License-Identifier: GPL-2.0-only

import { isUuid } from '../../uuid.ts';
import { noCounts } from '../../words.ts';
import { stateCode } from '../codes.ts';
import { StoreError } from '../error.ts';
import type { Db, RunRow, Trx } from '../schema.ts';
import { boundMessage, boundName, whole } from '../text.ts';
import type { RunStart } from '../types.ts';
import { insertMany } from './insert-many.ts';
import { internBranch, internRevision, internVariant } from './intern.ts';
import type { Place } from './intern-series.ts';
import { SeriesCache } from './series-cache.ts';

/** Opens a run, or finds the one with this UUID. @throws StoreError for what is no UUID */
export async function startRun(db: Db, run: RunStart): Promise<{ id: number }> {
  const uuid = checkUuid(run.uuid);
  return db.transaction().execute(async (trx) => {
    const found = await trx.selectFrom('run').select('id').where('uuid', '=', uuid).executeTakeFirst();
    return found ?? { id: (await insertRun(trx, uuid, run, new SeriesCache(db))).run.id };
  });
}

/** @returns the run as it is kept, and the series of the planned tests */
export async function insertRun(
  trx: Trx,
  uuid: string,
  run: RunStart,
  cache: SeriesCache,
): Promise<{ run: RunRow; planned: number[] }> {
  const moves = !run.secondHand;
  const branch = await internBranch(trx, run.branch, moves);
  const revision = await internRevision(trx, branch, run.revision, moves);
  const variant = await internVariant(trx, run.variant);
  const suite = boundName(run.suite);
  const planned = await plannedSeries(trx, { branch, variant, suite }, run.planned, cache);
  const row = await trx
    .insertInto('run')
    .values({
      ...{ uuid, suite, branch, revision, variant },
      state: stateCode('running'),
      reason: '',
      started_at: whole(run.startedAt, 'start of the run'),
      planned_tests: planned.length,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  // Its histories are found by it from now on, though the run does not count before it has ended.
  await trx
    .insertInto('place')
    .values({ branch, variant, suite, runs: 0, folded: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const detail = {
    run: row.id,
    environment: JSON.stringify(run.environment),
    command: boundMessage(run.command),
  };
  await trx.insertInto('run_detail').values(detail).execute();
  const levels = [0, 1].map((level) => ({ run: row.id, level, ...noCounts() }));
  await trx.insertInto('run_count').values(levels).execute();
  const wanted = planned.map((series, position) => [row.id, series, position]);
  await insertMany(trx, 'planned', ['run', 'series', 'position'], wanted);
  return { run: row, planned };
}

/** In the order given; a test that is planned twice is one. */
async function plannedSeries(
  trx: Trx,
  place: Place & { suite: string },
  planned: RunStart['planned'],
  cache: SeriesCache,
): Promise<number[]> {
  const series = new Set<number>();
  for (const test of planned) series.add((await cache.find(trx, place, test, [''])).get('')!);
  return [...series];
}

/** @throws StoreError for what is no UUID */
export function checkUuid(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new StoreError({
    happened: `A run was to be recorded as '${boundName(text)}'.`,
    expected: 'A UUID was expected, as crypto.randomUUID() makes it.',
    todo: 'Give the run a UUID of its own; a repeated call takes the same one.',
  });
}
