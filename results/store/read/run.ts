// SPDX-License-Identifier: GPL-2.0-only
import type { Db, Trx } from '../schema.ts';
import type { RunDetail } from '../types.ts';
import { resultsOf } from './results.ts';
import { snapshot } from './snapshot.ts';
import { summaries } from './summaries.ts';

/**
 * A run with everything that it says. Digits are an id where there is such a run, else the beginning of a UUID.
 * @returns null where there is none, or where more than one begins like that
 */
export async function run(db: Db, idOrUuid: number | string): Promise<RunDetail | null> {
  return snapshot(db, async (trx) => {
    const id = await findRunId(trx, idOrUuid);
    if (id === null) return null;
    const [summary] = await summaries(trx, [id]);
    const detail = await trx
      .selectFrom('run_detail')
      .selectAll()
      .where('run', '=', id)
      .executeTakeFirstOrThrow();
    return {
      ...summary!,
      environment: JSON.parse(detail.environment) as RunDetail['environment'],
      command: detail.command,
      planned: await plannedTests(trx, id),
      results: await resultsOf(db, trx, summary!),
    };
  });
}

/** The run's id; null where there is none, or where more than one UUID begins like that. */
export async function findRunId(trx: Trx, wanted: number | string): Promise<number | null> {
  const text = String(wanted).toLowerCase();
  if (/^[0-9]{1,15}$/.test(text)) {
    const found = await trx.selectFrom('run').select('id').where('id', '=', Number(text)).executeTakeFirst();
    if (found) return found.id;
  }
  if (typeof wanted === 'number' || !/^[0-9a-f-]{1,36}$/.test(text)) return null;
  // A range, since LIKE cannot use the index in every database; 'g' is what follows the hexadecimal digits.
  const found = await trx
    .selectFrom('run')
    .select('id')
    .where('uuid', '>=', text)
    .where('uuid', '<', `${text}g`)
    .limit(2)
    .execute();
  return found.length === 1 ? found[0]!.id : null;
}

async function plannedTests(trx: Trx, run: number): Promise<RunDetail['planned']> {
  return trx
    .selectFrom('planned')
    .innerJoin('series', 'series.id', 'planned.series')
    .innerJoin('name', 'name.id', 'series.name')
    .innerJoin('test', 'test.id', 'name.test')
    .select(['test.collection', 'test.name'])
    .where('planned.run', '=', run)
    .orderBy('planned.position')
    .execute();
}
