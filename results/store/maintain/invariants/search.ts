// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import { indexedCharacters, trigramQuery } from '../../read/search-index.ts';

/** Asking for all would take longer than everything else. */
const newest = 1000;

/** What is found by its text: the newest messages and names must be in the index, each with all of its own. */
export function* searchProblems(database: Database.Database): Iterable<string> {
  for (const [index, content, indexed] of [
    ['message_search', 'message', `length(text) <= ${indexedCharacters}`],
    ['name_search', 'name_text', 'true'],
  ] as const) {
    const rows = database
      .prepare<[], { id: number; text: string }>(
        `SELECT id, text FROM ${content} WHERE ${indexed} ORDER BY id DESC LIMIT ${newest}`,
      )
      .all();
    const finds = database.prepare<[number, string], number>(
      `SELECT 1 FROM ${index} WHERE rowid = ? AND ${index} MATCH ?`,
    );
    const lost = rows.filter(({ id, text }) => {
      const query = trigramQuery(text);
      return query !== null && !finds.get(id, query);
    });
    if (lost.length > 0) yield `${lost.length} of the newest ${rows.length} rows are not in ${index}`;
  }
}
