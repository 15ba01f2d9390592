// SPDX-License-Identifier: GPL-2.0-only
import type { Trx } from '../schema.ts';
import type { PlaceKey, RunRef } from './points-in.ts';

export interface TimedRun extends RunRef {
  startedAt: number;
  revision: string;
}

/** Runs of a place, the one that began last first. @param before goes on behind this one */
export async function newestRuns(
  trx: Trx,
  place: PlaceKey,
  limit: number,
  before: TimedRun | null = null,
): Promise<TimedRun[]> {
  return selectTimed(trx, place)
    .$if(before !== null, (query) =>
      query.where((eb) =>
        eb(eb.refTuple('run.started_at', 'run.id'), '<', eb.tuple(before!.startedAt, before!.id)),
      ),
    )
    .orderBy('run.started_at', 'desc')
    .orderBy('run.id', 'desc')
    .limit(limit)
    .execute();
}

/** Where to read the runs of a place. */
export function selectTimed(trx: Trx, place: PlaceKey) {
  return trx
    .selectFrom('run')
    .innerJoin('revision', 'revision.id', 'run.revision')
    .where('run.branch', '=', place.branch)
    .where('run.variant', '=', place.variant)
    .where('run.suite', '=', place.suite)
    .select(['run.id', 'run.seq', 'run.started_at as startedAt', 'revision.name as revision']);
}
