// SPDX-License-Identifier: GPL-2.0-only
import { stateCode, stateOf } from '../codes.ts';
import type { Db, RunRow, Trx } from '../schema.ts';
import { boundMessage, whole } from '../text.ts';
import type { RunEnd } from '../types.ts';
import { findRun } from './find-run.ts';
import { type NewResult, record } from './record.ts';
import { sealStored } from './seal.ts';

/**
 * Records the planned tests that never reported as `missing`, and closes the run. One that is closed stays as it is.
 * A run that says `complete` while tests are missing is kept as `incomplete`: the word means that all reported.
 * @throws StoreError for an unknown run
 */
export async function finishRun(db: Db, runUuid: string, end: RunEnd): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const run = await findRun(trx, runUuid);
    if (stateOf(run.state) === 'running') await closeRun(trx, run, end);
  });
}

/** The part of `finishRun` that is in the transaction, for a run that goes on. */
export async function closeRun(trx: Trx, run: RunRow, end: RunEnd): Promise<void> {
  const silent = await silentTests(trx, run.id);
  const closing = honest(end, silent.length);
  const message = missingMessage(end);
  await record(
    trx,
    run,
    silent.map((series) => missing(series, message)),
  );
  await trx
    .updateTable('run')
    .set({
      state: stateCode(closing.state),
      reason: boundMessage(closing.reason),
      finished_at: whole(end.finishedAt, 'end of the run'),
    })
    .where('id', '=', run.id)
    .execute();
  await sealStored(trx, run);
}

/** Why a planned test has no result. */
export function missingMessage({ reason }: RunEnd): string {
  return boundMessage(`planned, but never reported${reason === '' ? '' : `: ${reason}`}`);
}

/** A run that lacks tests is not complete, whatever it says. */
export function honest(end: RunEnd, silent: number): RunEnd {
  if (end.state !== 'complete' || silent === 0) return end;
  return {
    ...end,
    state: 'incomplete',
    reason: end.reason || `planned tests that never reported: ${silent}`,
  };
}

async function silentTests(trx: Trx, run: number): Promise<number[]> {
  const rows = await trx
    .selectFrom('planned')
    .leftJoin('result', (join) =>
      join.onRef('result.run', '=', 'planned.run').onRef('result.series', '=', 'planned.series'),
    )
    .select('planned.series')
    .where('planned.run', '=', run)
    .where('result.run', 'is', null)
    .orderBy('planned.position')
    .execute();
  return rows.map((row) => row.series);
}

function missing(series: number, message: string): NewResult {
  return {
    ...{ series, message },
    ...{ attempt: 1, outcome: 'missing', durationMs: null, position: 0, line: null, markedFlaky: false },
  };
}
