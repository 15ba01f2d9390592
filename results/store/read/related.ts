// SPDX-License-Identifier: GPL-2.0-only
import { badOutcomes, type Counts, outcomes } from '../../words.ts';
import { outcomeOf } from '../codes.ts';
import type { Trx } from '../schema.ts';
import type { SeriesHistory } from '../types.ts';
import type { Series } from './series.ts';
import { standings } from './standings.ts';

/** All that a series came to, and the same test on other branches and variants, as far as it ever ran there. */
export async function everywhere(
  trx: Trx,
  series: Series,
): Promise<{ counts: Counts; others: SeriesHistory['elsewhere'] }> {
  const rows = await trx
    .selectFrom('series')
    .innerJoin('branch', 'branch.id', 'series.branch')
    .innerJoin('variant', 'variant.id', 'series.variant')
    .where('series.name', '=', series.nameId)
    .select(['series.id', 'series.branch', 'series.variant'])
    .select(['branch.name as branchName', 'variant.name as variantName'])
    .orderBy('branch.name')
    .orderBy('variant.name')
    .execute();
  const standing = await standings(
    trx,
    rows.map(({ id, branch, variant }) => ({ id, branch, variant, suite: series.suite })),
  );
  const others = rows.flatMap(({ id, branchName, variantName }) => {
    const { latest, counts } = standing.get(id)!;
    if (latest === null || id === series.id) return [];
    const place = { branch: branchName, variant: variantName };
    return [{ series: id, ...place, outcome: outcomeOf(latest), runs: sum(counts, outcomes) }];
  });
  return { counts: standing.get(series.id)!.counts, others };
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
    .select(['series.id', 'name.subtest'])
    .orderBy('name.subtest')
    .execute();
  const place = { branch: series.branchId, variant: series.variantId, suite: series.suite };
  const standing = await standings(
    trx,
    rows.map(({ id }) => ({ id, ...place })),
  );
  return rows.flatMap(({ id, subtest: name }) => {
    const { latest, counts } = standing.get(id)!;
    if (latest === null) return [];
    const runs = sum(counts, outcomes);
    return [{ series: id, name, outcome: outcomeOf(latest), runs, bad: sum(counts, badOutcomes) }];
  });
}

function sum(counts: Counts, which: readonly (keyof Counts)[]): number {
  return which.reduce((total, outcome) => total + counts[outcome], 0);
}
