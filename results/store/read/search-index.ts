// SPDX-License-Identifier: GPL-2.0-only
import { sql } from 'kysely';
import type { Trx } from '../schema.ts';

/** What is so frequent is found sooner by looking at the newest. */
const most = 1000;
/** Messages of more characters are in no index: of these the newest are looked at. */
export const indexedCharacters = 1000;
/** 16 KiB each at most. */
const longOnes = 2000;
/** What has these of a longer text has nearly always the rest; it is looked at again anyway. */
const trigramsAsked = 32;

/**
 * The rows that may contain a text, by the index of trigrams; null where it does not help: the text is shorter than
 * three characters, or more than a thousand rows have its trigrams. In any case of letters, beyond ASCII, too.
 */
export async function candidates(
  trx: Trx,
  index: 'message_search' | 'name_search',
  text: string,
): Promise<number[] | null> {
  const query = trigramQuery(text);
  if (query === null) return null;
  const table = sql.table(index);
  const { rows } = await sql<{ id: number }>`
    select rowid as id from ${table} where ${table} match ${query} limit ${most + 1}`.execute(trx);
  return rows.length > most ? null : rows.map(({ id }) => id);
}

/**
 * The newest two thousand messages that are too long for the index: a writer must not wait for what a guest prints, nor a
 * reader for all of it.
 */
export async function longMessages(trx: Trx): Promise<number[]> {
  // The term is that of the index `message_long`, to the letter.
  const { rows } = await sql<{ id: number }>`
    select id from message where length(text) > ${sql.lit(indexedCharacters)} order by id desc limit ${longOnes}`.execute(
    trx,
  );
  return rows.map(({ id }) => id);
}

/** What rows with this text are found by; null for less than three characters. */
export function trigramQuery(text: string): string | null {
  const trigrams = trigramsOf(text);
  return trigrams.length === 0
    ? null
    : trigrams.map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND ');
}

/** Each once, spread over the text. */
function trigramsOf(text: string): string[] {
  const characters = [...text.toWellFormed()];
  const all = characters.slice(2).map((_, i) => characters.slice(i, i + 3).join(''));
  const different = [...new Set(all)];
  const step = Math.ceil(different.length / trigramsAsked);
  return different.filter((_, i) => i % step === 0);
}
