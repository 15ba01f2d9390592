// SPDX-License-Identifier: GPL-2.0-only
import { sql } from 'kysely';
import { atLeastNone } from '../limit.ts';
import type { Db } from '../schema.ts';
import type { FoundMessage, FoundName, SearchResult } from '../types.ts';
import { namesOf } from './names.ts';
import { snapshot } from './snapshot.ts';

/**
 * Tests and subtests whose name contains a text, and messages that do, the newest first. ASCII letters in any case.
 *
 * By looking at all of them: names are interned, and only what did not pass has a message, so that there are a hundred
 * times fewer than results. An index of trigrams would take more bytes than the results themselves.
 */
export async function search(db: Db, text: string, limit: number): Promise<SearchResult> {
  if (text === '') return { names: [], messages: [] };
  const pattern = `%${lower(text).replace(/[\\%_]/g, '\\$&')}%`;
  const like = (column: string) => sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
  return snapshot(db, async (trx) => {
    const names: FoundName[] = await trx
      .selectFrom('name')
      .innerJoin('test', 'test.id', 'name.test')
      .where((eb) => eb.or([eb.and([eb('name.subtest', '=', ''), like('test.name')]), like('name.subtest')]))
      .select(['name.id', 'test.suite', 'test.collection', 'test.name as test', 'name.subtest'])
      .orderBy('test.collection')
      .orderBy('test.name')
      .orderBy('name.subtest')
      .limit(atLeastNone(limit))
      .execute();
    const rows = await trx
      .selectFrom('message')
      .where(like('message.text'))
      .select(['run as runId', 'series', 'attempt', 'text as message'])
      .orderBy('run', 'desc')
      .orderBy('series')
      .limit(atLeastNone(limit))
      .execute();
    const known = await namesOf(
      trx,
      db,
      rows.map(({ series }) => series),
    );
    const messages = rows.map((row): FoundMessage => {
      const { collection, name, subtest } = known.get(row.series)!;
      return { ...row, collection, test: name, subtest };
    });
    return { names, messages };
  });
}

/** What `lower` does in SQLite: ASCII letters alone. JavaScript's would look for `é` where the column still has `É`. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
