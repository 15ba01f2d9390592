// SPDX-License-Identifier: GPL-2.0-only
import { type Counts, noCounts } from '../../words.ts';
import { chunks } from '../chunks.ts';
import { stateOf } from '../codes.ts';
import type { Db, Trx } from '../schema.ts';
import type { RunSummary } from '../types.ts';

/** Where to read runs, newest first. Add conditions and a limit, then give it to `summaries`. */
export function selectRuns(db: Db) {
  return db.selectFrom('run').select('run.id').orderBy('run.started_at', 'desc').orderBy('run.id', 'desc');
}

/** The summaries of these runs, in the order given. */
export async function summaries(trx: Trx, ids: readonly number[]): Promise<RunSummary[]> {
  const found = new Map<number, RunSummary>();
  for (const part of chunks(ids)) {
    const counts = await countsOf(trx, part);
    for (const { state, ...row } of await rowsOf(trx, part)) {
      const [tests = noCounts(), subtests = noCounts()] = counts.get(row.id) ?? [];
      found.set(row.id, { ...row, state: stateOf(state), tests, subtests });
    }
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

async function rowsOf(trx: Trx, ids: number[]) {
  return trx
    .selectFrom('run')
    .innerJoin('branch', 'branch.id', 'run.branch')
    .innerJoin('revision', 'revision.id', 'run.revision')
    .innerJoin('variant', 'variant.id', 'run.variant')
    .where('run.id', 'in', ids)
    .select(['run.id', 'run.uuid', 'run.suite', 'run.state', 'run.reason'])
    .select(['branch.name as branch', 'revision.name as revision', 'variant.name as variant'])
    .select([
      'run.started_at as startedAt',
      'run.finished_at as finishedAt',
      'run.planned_tests as plannedTests',
    ])
    .execute();
}

/** By run: the counts of tests, then those of subtests. */
async function countsOf(trx: Trx, ids: number[]): Promise<Map<number, Counts[]>> {
  const rows = await trx
    .selectFrom('run_count')
    .selectAll()
    .where('run', 'in', ids)
    .orderBy('level')
    .execute();
  const counts = new Map<number, Counts[]>();
  for (const { run, level: _, ...levelCounts } of rows) {
    counts.set(run, [...(counts.get(run) ?? []), levelCounts]);
  }
  return counts;
}
