// SPDX-License-Identifier: GPL-2.0-only

import type { Counts, Outcome } from '../../words.ts';
import { chunks } from '../chunks.ts';
import { outcomeOf } from '../codes.ts';
import type { Trx } from '../schema.ts';

/** What a report does to what a run says about a series: a retry replaces the outcome before it. */
export interface Change {
  series: number;
  /** 0: a top-level test, 1: a subtest. */
  level: 0 | 1;
  /** null where the run had not said anything of the series. */
  before: Outcome | null;
  after: Outcome;
}

/**
 * Call it before the results are inserted.
 * @returns nothing for a series of which the run already has a later attempt
 */
export async function changesOf(
  trx: Trx,
  run: number,
  reports: readonly { series: number; attempt: number; outcome: Outcome; position: number }[],
): Promise<Change[]> {
  const last = await lastAttempts(
    trx,
    run,
    reports.map((report) => report.series),
  );
  return reports.flatMap((report) => {
    const known = last.get(report.series);
    if (known && known.attempt > report.attempt) return [];
    const before = known ? outcomeOf(known.outcome) : null;
    return [{ series: report.series, level: report.position === 0 ? 0 : 1, before, after: report.outcome }];
  });
}

async function lastAttempts(trx: Trx, run: number, series: number[]) {
  const last = new Map<number, { attempt: number; outcome: number }>();
  for (const part of chunks(series)) {
    const rows = await trx
      .selectFrom('result')
      .select(['series', 'attempt', 'outcome'])
      .where('run', '=', run)
      .where('series', 'in', part)
      .orderBy('attempt')
      .execute();
    for (const row of rows) last.set(row.series, row);
  }
  return last;
}

/** Adds the change to the counts, in place. */
export function apply(counts: Counts, change: Change): void {
  if (change.before !== null) counts[change.before]--;
  counts[change.after]++;
}
