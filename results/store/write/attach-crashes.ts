// SPDX-License-Identifier: GPL-2.0-only
import type { Trx } from '../schema.ts';
import { boundName, wholeLine } from '../text.ts';
import type { CrashSighting } from '../types.ts';

// A kernel that warns for ever must not fill the database: the console log has all of it.
const crashLimit = 200;

/** Records what the kernel reported during one attempt, in the order of its console log. */
export async function attachCrashes(
  trx: Trx,
  execution: { run: number; series: number; attempt: number },
  crashes: readonly CrashSighting[],
): Promise<void> {
  for (const [position, sighting] of crashes.slice(0, crashLimit).entries()) {
    const crash_id = await internCrash(trx, sighting);
    const line = wholeLine(sighting.line, 'line of the crash');
    const fatal = sighting.fatal ? 1 : 0;
    await trx
      .insertInto('occurrence')
      .values({ ...execution, position, crash_id, line, fatal })
      .execute();
  }
}

async function internCrash(trx: Trx, { signature, kind, title, frames }: CrashSighting): Promise<number> {
  const found = await trx
    .selectFrom('crash')
    .select('id')
    .where('signature', '=', boundName(signature))
    .executeTakeFirst();
  if (found) return found.id;
  const row = {
    signature: boundName(signature),
    kind,
    title: boundName(title),
    frames: JSON.stringify(frames.map(boundName)),
  };
  return (await trx.insertInto('crash').values(row).returning('id').executeTakeFirstOrThrow()).id;
}
