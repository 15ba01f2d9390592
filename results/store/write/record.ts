// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../../words.ts';
import { chunks } from '../chunks.ts';
import { outcomeCode } from '../codes.ts';
import type { Trx } from '../schema.ts';
import { changesOf } from './change.ts';
import { updateRunCounts } from './run-counts.ts';

/** A result as it is kept: names interned, texts bounded, times whole. */
export interface NewResult {
  series: number;
  attempt: number;
  outcome: Outcome;
  durationMs: number | null;
  /** 0 for a top-level test. */
  position: number;
  line: number | null;
  markedFlaky: boolean;
  message: string;
}

/** Adds results that the run does not have yet, and brings everything that counts them up to date. */
export async function record(trx: Trx, run: { id: number }, results: readonly NewResult[]): Promise<void> {
  const changes = await changesOf(trx, run.id, results);
  for (const part of chunks(results)) {
    await trx
      .insertInto('result')
      .values(part.map((result) => resultRow(run.id, result)))
      .execute();
  }
  for (const part of chunks(results.filter((result) => result.message !== ''))) {
    const rows = part.map(({ series, attempt, message: text }) => ({ run: run.id, series, attempt, text }));
    await trx.insertInto('message').values(rows).execute();
  }
  await updateRunCounts(trx, run.id, changes);
}

function resultRow(run: number, result: NewResult) {
  const { series, attempt, position, line } = result;
  return {
    ...{ run, series, attempt, position, line },
    outcome: outcomeCode(result.outcome),
    duration_ms: result.durationMs,
    marked_flaky: result.markedFlaky ? 1 : 0,
  };
}
