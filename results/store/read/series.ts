// SPDX-License-Identifier: GPL-2.0-only
import type { Db, Trx } from '../schema.ts';
import { ownerOf } from './snapshot.ts';

/** A series with the names of all that it is of. */
export interface Series extends Own {
  /** That of the test that a subtest belongs to; null for a test. */
  parent: number | null;
}

const most = 50_000;
const caches = new WeakMap<Db, Map<number, Series>>();

/** A series never changes what it is of, so that what was asked once is not asked again. */
export async function findSeries(trx: Trx, series: number): Promise<Series | null> {
  const owner = ownerOf(trx);
  let known = caches.get(owner);
  if (!known || known.size > most) {
    known = new Map();
    caches.set(owner, known);
  }
  const kept = known.get(series);
  if (kept) return kept;
  const own = await select(trx, series);
  if (!own) return null;
  const found = { ...own, parent: await parentOf(trx, own) };
  // A test may be recorded after its subtests.
  if (found.parent !== null || found.subtest === '') known.set(series, found);
  return found;
}

async function select(trx: Trx, series: number) {
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

type Own = NonNullable<Awaited<ReturnType<typeof select>>>;

async function parentOf(trx: Trx, series: Own): Promise<number | null> {
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
