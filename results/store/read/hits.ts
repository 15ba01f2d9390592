// SPDX-License-Identifier: GPL-2.0-only
import type { Trx } from '../schema.ts';
import type { FlakyQuery } from '../types.ts';
import { among } from './among.ts';
import type { PlaceKey } from './points-in.ts';

/** A series, and in how many runs an attempt of it was bad. */
export interface Hit {
  series: number;
  runs: number;
}

/** The series that were bad in runs since then, those in most runs first: a retry does not make two of one run. */
export async function hits(trx: Trx, { branch, since }: Omit<FlakyQuery, 'limit'>): Promise<Hit[]> {
  return (
    trx
      .selectFrom('run')
      .innerJoin('failure', 'failure.run', 'run.id')
      .$if(branch !== undefined, (query) =>
        query.where('run.branch', '=', (eb) =>
          eb.selectFrom('branch').select('id').where('name', '=', branch!),
        ),
      )
      .where('run.started_at', '>=', since)
      // The first of a run's bad attempts stands for all: counting distinct runs takes a third longer.
      .where((eb) =>
        eb.or([
          eb('failure.attempt', '=', 1),
          eb.not(
            eb.exists(
              eb
                .selectFrom('failure as earlier')
                .select('earlier.run')
                .whereRef('earlier.run', '=', 'failure.run')
                .whereRef('earlier.series', '=', 'failure.series')
                .whereRef('earlier.attempt', '<', 'failure.attempt'),
            ),
          ),
        ]),
      )
      .groupBy('failure.series')
      .select(['failure.series', (eb) => eb.fn.countAll<number>().as('runs')])
      .orderBy('runs', 'desc')
      .orderBy('failure.series')
      .execute()
  );
}

/** Where series are run. */
export async function placesOf(trx: Trx, series: readonly number[]) {
  const places = new Map<number, PlaceKey & { branchName: string; variantName: string }>();
  const rows = await trx
    .selectFrom('series')
    .innerJoin('name', 'name.id', 'series.name')
    .innerJoin('test', 'test.id', 'name.test')
    .innerJoin('branch', 'branch.id', 'series.branch')
    .innerJoin('variant', 'variant.id', 'series.variant')
    .where(among('series.id', series))
    .select(['series.id', 'series.branch', 'series.variant', 'test.suite'])
    .select(['branch.name as branchName', 'variant.name as variantName'])
    .execute();
  for (const { id, ...place } of rows) places.set(id, place);
  return places;
}
