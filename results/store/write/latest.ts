// SPDX-License-Identifier: GPL-2.0-only
import { chunks } from '../chunks.ts';
import { outcomeCode } from '../codes.ts';
import type { Trx } from '../schema.ts';
import { alike, type Change } from './change.ts';

/** Keeps each series' newest outcome. An older run that arrives late changes nothing. */
export async function updateLatest(
  trx: Trx,
  run: { id: number; started_at: number },
  changes: readonly Change[],
): Promise<void> {
  for (const group of alike(changes)) {
    const latest = {
      latest_run: run.id,
      latest_at: run.started_at,
      latest_outcome: outcomeCode(group[0]!.after),
    };
    for (const part of chunks(group.map((change) => change.series))) {
      await trx
        .updateTable('series')
        .set(latest)
        .where('id', 'in', part)
        .where((eb) =>
          eb.or([
            eb('latest_at', 'is', null),
            eb('latest_at', '<', run.started_at),
            eb.and([eb('latest_at', '=', run.started_at), eb('latest_run', '<=', run.id)]),
          ]),
        )
        .execute();
    }
  }
}
