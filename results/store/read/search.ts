// SPDX-License-Identifier: GPL-2.0-only
import { type RawBuilder, sql } from 'kysely';
import { atLeastNone } from '../limit.ts';
import type { Db, Trx } from '../schema.ts';
import type { FoundMessage, FoundName, SearchResult } from '../types.ts';
import { among } from './among.ts';
import { namesOf } from './names.ts';
import { candidates, longMessages } from './search-index.ts';
import { snapshot } from './snapshot.ts';

type Like = (column: string) => RawBuilder<boolean>;

/**
 * Tests and subtests whose name contains a text, by name, and messages that do, those of the run that began last
 * first. ASCII letters in any case. NULs are never kept, so that nothing contains one. Of messages with more than a
 * thousand characters only the newest two thousand are looked at, where the text is not a frequent one.
 */
export async function search(db: Db, text: string, limit: number): Promise<SearchResult> {
  if (text === '' || text.includes('\0')) return { names: [], messages: [] };
  const pattern = `%${lower(text).replace(/[\\%_]/g, '\\$&')}%`;
  const like: Like = (column) => sql`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
  const wanted = atLeastNone(limit);
  return snapshot(db, async (trx) => ({
    names: await names(trx, like, await candidates(trx, 'name_search', text), wanted),
    messages: await messages(trx, db, like, await messageCandidates(trx, text), wanted),
  }));
}

async function messageCandidates(trx: Trx, text: string): Promise<number[] | null> {
  const found = await candidates(trx, 'message_search', text);
  return found && [...found, ...(await longMessages(trx))];
}

async function names(trx: Trx, like: Like, ids: number[] | null, limit: number): Promise<FoundName[]> {
  return trx
    .selectFrom('name')
    .innerJoin('test', 'test.id', 'name.test')
    .$if(ids !== null, (query) => query.where(among('name.id', ids!)))
    .where((eb) => eb.or([eb.and([eb('name.subtest', '=', ''), like('test.name')]), like('name.subtest')]))
    .select(['name.id', 'test.suite', 'test.collection', 'test.name as test', 'name.subtest'])
    .orderBy('test.collection')
    .orderBy('test.name')
    .orderBy('name.subtest')
    .limit(limit)
    .execute();
}

async function messages(
  trx: Trx,
  db: Db,
  like: Like,
  ids: number[] | null,
  limit: number,
): Promise<FoundMessage[]> {
  const rows = await trx
    .selectFrom('run')
    .innerJoin('message', 'message.run', 'run.id')
    .$if(ids !== null, (query) => query.where(among('message.id', ids!)))
    .where(like('message.text'))
    .select(['run.id as runId', 'message.series', 'message.attempt', 'message.text as message'])
    .orderBy('run.started_at', 'desc')
    .orderBy('run.id', 'desc')
    .orderBy('message.series')
    .orderBy('message.attempt')
    .limit(limit)
    .execute();
  const known = await namesOf(
    trx,
    db,
    rows.map(({ series }) => series),
  );
  return rows.map((row) => {
    const { collection, name, subtest } = known.get(row.series)!;
    return { ...row, collection, test: name, subtest };
  });
}

/** What `lower` does in SQLite: ASCII letters alone. JavaScript's would look for `é` where the column still has `É`. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
