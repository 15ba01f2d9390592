// SPDX-License-Identifier: GPL-2.0-only
import type { CrashKind } from '../../crash/index.ts';
import { atLeastNone } from '../limit.ts';
import type { Db } from '../schema.ts';
import type { CrashSummary } from '../types.ts';
import { snapshot } from './snapshot.ts';

/** Every fault that a kernel reported, the one seen in the newest run first. */
export async function crashes(db: Db, limit: number): Promise<CrashSummary[]> {
  return snapshot(db, async (trx) => {
    const rows = await trx
      .selectFrom('crash')
      .innerJoin('occurrence', 'occurrence.crash_id', 'crash.id')
      .innerJoin('run', 'run.id', 'occurrence.run')
      .groupBy(['crash.id', 'crash.signature', 'crash.kind', 'crash.title', 'crash.frames'])
      .select(['crash.signature', 'crash.kind', 'crash.title', 'crash.frames'])
      .select((eb) => [
        eb.fn.countAll<number>().as('occurrences'),
        eb.fn.count<number>('occurrence.run').distinct().as('runs'),
        eb.fn.min('run.started_at').as('firstSeen'),
        eb.fn.max('run.started_at').as('lastSeen'),
        // The newest is that which began last: runs may be recorded in any order.
        eb
          .selectFrom('occurrence as last')
          .innerJoin('run as of', 'of.id', 'last.run')
          .whereRef('last.crash_id', '=', 'crash.id')
          .select('of.id')
          .orderBy('of.started_at', 'desc')
          .orderBy('of.id', 'desc')
          .limit(1)
          .$asScalar()
          .$notNull()
          .as('lastRun'),
      ])
      .orderBy('lastSeen', 'desc')
      .orderBy('crash.id', 'desc')
      .limit(atLeastNone(limit))
      .execute();
    return rows.map(({ kind, frames, ...row }) => ({
      ...row,
      kind: kind as CrashKind,
      frames: JSON.parse(frames) as string[],
    }));
  });
}
