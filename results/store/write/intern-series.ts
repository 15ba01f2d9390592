// SPDX-License-Identifier: GPL-2.0-only
import { chunks } from '../chunks.ts';
import type { Trx } from '../schema.ts';

/** Where a test is run: its history is kept for each of these. */
export interface Place {
  branch: number;
  variant: number;
}

/**
 * Finds or adds the series of a test's subtests.
 * @param subtests distinct names; the empty one is the test itself
 * @returns the series by subtest
 */
export async function internSeries(
  trx: Trx,
  place: Place,
  test: number,
  subtests: readonly string[],
): Promise<Map<string, number>> {
  const series = new Map<string, number>();
  for (const part of chunks(subtests)) await internPart(trx, place, test, part, series);
  return series;
}

async function internPart(trx: Trx, place: Place, test: number, part: string[], series: Map<string, number>) {
  const known = await trx
    .selectFrom('name')
    .leftJoin('series', (join) =>
      join
        .onRef('series.name', '=', 'name.id')
        .on('series.branch', '=', place.branch)
        .on('series.variant', '=', place.variant),
    )
    .select(['name.id', 'name.subtest', 'series.id as series'])
    .where('name.test', '=', test)
    .where('name.subtest', 'in', part)
    .execute();
  const names = new Map(known.map((row) => [row.subtest, row.id]));
  for (const row of known) if (row.series !== null) series.set(row.subtest, row.series);

  const newNames = part.filter((subtest) => !names.has(subtest)).map((subtest) => ({ test, subtest }));
  if (newNames.length > 0) {
    const added = await trx.insertInto('name').values(newNames).returning(['id', 'subtest']).execute();
    for (const row of added) names.set(row.subtest, row.id);
  }

  const lacking = part.filter((subtest) => !series.has(subtest));
  if (lacking.length === 0) return;
  const { branch, variant } = place;
  const rows = lacking.map((subtest) => ({ branch, variant, name: names.get(subtest)! }));
  const added = await trx.insertInto('series').values(rows).returning(['id', 'name']).execute();
  const ids = new Map(added.map((row) => [row.name, row.id]));
  for (const subtest of lacking) series.set(subtest, ids.get(names.get(subtest)!)!);
}
