// SPDX-License-Identifier: GPL-2.0-only
import type { Trx } from '../schema.ts';

/** A series with the names of all that it is of. */
export async function findSeries(trx: Trx, series: number) {
  return trx
    .selectFrom('series')
    .innerJoin('branch', 'branch.id', 'series.branch')
    .innerJoin('variant', 'variant.id', 'series.variant')
    .innerJoin('name', 'name.id', 'series.name')
    .innerJoin('test', 'test.id', 'name.test')
    .where('series.id', '=', series)
    .select([
      'series.id',
      'series.branch as branchId',
      'series.variant as variantId',
      'series.name as nameId',
    ])
    .select([
      'branch.name as branch',
      'variant.name as variant',
      'test.suite',
      'test.collection',
      'test.name as test',
    ])
    .select(['name.subtest', 'name.test as testId'])
    .executeTakeFirst();
}

export type Series = NonNullable<Awaited<ReturnType<typeof findSeries>>>;

/** The series of the test that a subtest belongs to; null for a test. */
export async function parentOf(trx: Trx, series: Series): Promise<number | null> {
  if (series.subtest === '') return null;
  const found = await trx
    .selectFrom('name')
    .innerJoin('series', 'series.name', 'name.id')
    .select('series.id')
    .where('name.test', '=', series.testId)
    .where('name.subtest', '=', '')
    .where('series.branch', '=', series.branchId)
    .where('series.variant', '=', series.variantId)
    .executeTakeFirst();
  return found?.id ?? null;
}
