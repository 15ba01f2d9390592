// SPDX-License-Identifier: GPL-2.0-only
import { atLeastNone } from '../limit.ts';
import type { Db } from '../schema.ts';
import type { CrashOccurrence } from '../types.ts';
import { snapshot } from './snapshot.ts';

/** Where a fault was met, the newest run first. @param signature as in `crashes` */
export async function occurrences(db: Db, signature: string, limit: number): Promise<CrashOccurrence[]> {
  return snapshot(db, async (trx) => {
    const rows = await trx
      .selectFrom('crash')
      .innerJoin('occurrence', 'occurrence.crash_id', 'crash.id')
      .innerJoin('run', 'run.id', 'occurrence.run')
      .innerJoin('branch', 'branch.id', 'run.branch')
      .innerJoin('variant', 'variant.id', 'run.variant')
      .innerJoin('revision', 'revision.id', 'run.revision')
      .innerJoin('series', 'series.id', 'occurrence.series')
      .innerJoin('name', 'name.id', 'series.name')
      .innerJoin('test', 'test.id', 'name.test')
      .where('crash.signature', '=', signature)
      .select([
        'run.id as runId',
        'run.started_at as startedAt',
        'branch.name as branch',
        'variant.name as variant',
      ])
      .select(['revision.name as revision', 'occurrence.series', 'test.collection', 'test.name as test'])
      .select(['occurrence.attempt', 'occurrence.line', 'occurrence.fatal'])
      .orderBy('run.started_at', 'desc')
      .orderBy('run.id', 'desc')
      .orderBy('occurrence.series')
      .orderBy('occurrence.position')
      .limit(atLeastNone(limit))
      .execute();
    return rows.map(({ fatal, ...row }) => ({ ...row, fatal: fatal === 1 }));
  });
}
