// SPDX-License-Identifier: GPL-2.0-only
import { atLeastNone } from '../limit.ts';
import type { Db, Trx } from '../schema.ts';
import type { BranchOverview, RunSummary } from '../types.ts';
import { snapshot } from './snapshot.ts';
import { selectRuns, summaries } from './summaries.ts';

/** Every branch that has a run, the one with the newest run first. */
export async function overview(db: Db, runsPerBranch: number): Promise<BranchOverview[]> {
  return snapshot(db, async (trx) => {
    const branches = await trx
      .selectFrom('branch')
      .innerJoin('run', 'run.branch', 'branch.id')
      .select(['branch.id', 'branch.name', 'branch.url', (eb) => eb.fn.max('run.started_at').as('newest')])
      .groupBy(['branch.id', 'branch.name', 'branch.url'])
      .orderBy('newest', 'desc')
      .orderBy('branch.name')
      .execute();
    const pages: BranchOverview[] = [];
    for (const { id, name, url } of branches) {
      const rows = await selectRuns(trx)
        .where('run.branch', '=', id)
        .limit(atLeastNone(runsPerBranch))
        .execute();
      const runs = await summaries(
        trx,
        rows.map((row) => row.id),
      );
      pages.push({ branch: name, url, runs });
    }
    return pages;
  });
}

/** Runs, newest first. An unknown branch has none, and there is nothing before an unknown run. */
export async function runs(
  db: Db,
  filter: { branch?: string; before?: number; limit: number },
): Promise<RunSummary[]> {
  return snapshot(db, async (trx) => {
    const query = await filtered(trx, filter);
    const rows = (await query?.limit(atLeastNone(filter.limit)).execute()) ?? [];
    return summaries(
      trx,
      rows.map((row) => row.id),
    );
  });
}

async function filtered(trx: Trx, { branch, before }: { branch?: string; before?: number }) {
  let query = selectRuns(trx);
  if (branch !== undefined) {
    const found = await trx.selectFrom('branch').select('id').where('name', '=', branch).executeTakeFirst();
    if (!found) return null;
    query = query.where('run.branch', '=', found.id);
  }
  if (before !== undefined) {
    const from = await trx.selectFrom('run').select('started_at').where('id', '=', before).executeTakeFirst();
    if (!from) return null;
    query = query.where((eb) =>
      eb(eb.refTuple('run.started_at', 'run.id'), '<', eb.tuple(from.started_at, before)),
    );
  }
  return query;
}
