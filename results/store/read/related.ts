// SPDX-License-Identifier: GPL-2.0-only
import { badOutcomes, type Counts, noCounts, outcomes } from '../../words.ts';
import { outcomeOf } from '../codes.ts';
import type { Trx } from '../schema.ts';
import { totalsUntil } from '../totals-until.ts';
import type { SeriesHistory } from '../types.ts';
import type { Series } from './series.ts';

/** The same test on other branches and variants, as far as it ever ran there. */
export async function elsewhere(trx: Trx, series: Series): Promise<SeriesHistory['elsewhere']> {
  const rows = await trx
    .selectFrom('series')
    .innerJoin('branch', 'branch.id', 'series.branch')
    .innerJoin('variant', 'variant.id', 'series.variant')
    .where('series.name', '=', series.nameId)
    .where('series.id', '!=', series.id)
    .where('series.latest_outcome', 'is not', null)
    .select(['series.id', 'branch.name as branch', 'variant.name as variant', 'series.latest_outcome'])
    .orderBy('branch.name')
    .orderBy('variant.name')
    .execute();
  const counts = await totalsUntil(
    trx,
    rows.map((row) => row.id),
  );
  return rows.map(({ id, branch, variant, latest_outcome }) => {
    const runs = sum(counts.get(id) ?? noCounts(), outcomes);
    return { series: id, branch, variant, outcome: outcomeOf(latest_outcome!), runs };
  });
}

/** The subtests of a test on the same branch and variant, by name. */
export async function subtests(trx: Trx, series: Series): Promise<SeriesHistory['subtests']> {
  const rows = await trx
    .selectFrom('name')
    .innerJoin('series', 'series.name', 'name.id')
    .where('name.test', '=', series.testId)
    .where('name.subtest', '!=', '')
    .where('series.branch', '=', series.branchId)
    .where('series.variant', '=', series.variantId)
    .where('series.latest_outcome', 'is not', null)
    .select(['series.id', 'name.subtest', 'series.latest_outcome'])
    .orderBy('name.subtest')
    .execute();
  const counts = await totalsUntil(
    trx,
    rows.map((row) => row.id),
  );
  return rows.map(({ id, subtest, latest_outcome }) => {
    const total = counts.get(id) ?? noCounts();
    const runs = sum(total, outcomes);
    return {
      series: id,
      name: subtest,
      outcome: outcomeOf(latest_outcome!),
      runs,
      bad: sum(total, badOutcomes),
    };
  });
}

function sum(counts: Counts, which: readonly (keyof Counts)[]): number {
  return which.reduce((total, outcome) => total + counts[outcome], 0);
}
