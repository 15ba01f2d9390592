// SPDX-License-Identifier: GPL-2.0-only
import type { Trx } from '../schema.ts';
import { among } from './among.ts';

export interface SeriesName {
  test: number;
  collection: string;
  name: string;
  /** Empty for the test itself. */
  subtest: string;
}

const most = 200_000;
const caches = new WeakMap<object, Map<number, SeriesName>>();

/** What series are called. A series never changes its name, so that what was asked once is not asked again. */
export async function namesOf(
  trx: Trx,
  owner: object,
  series: readonly number[],
): Promise<Map<number, SeriesName>> {
  let known = caches.get(owner);
  if (!known || known.size > most) {
    known = new Map();
    caches.set(owner, known);
  }
  const unknown = [...new Set(series)].filter((id) => !known.has(id));
  if (unknown.length === 0) return known;
  const rows = await trx
    .selectFrom('series')
    .innerJoin('name', 'name.id', 'series.name')
    .innerJoin('test', 'test.id', 'name.test')
    .where(among('series.id', unknown))
    .select(['series.id', 'test.id as test', 'test.collection', 'test.name', 'name.subtest'])
    .execute();
  for (const { id, ...name } of rows) known.set(id, name);
  return known;
}
