// SPDX-License-Identifier: GPL-2.0-only
import { CompiledQuery } from 'kysely';
import type { Schema, Trx } from '../schema.ts';

const most = 64;
const texts = new Map<string, string>();

/**
 * Inserts rows, many in a statement. Building a statement costs more than running it, so that each is built once for
 * 64 rows, for 32, for 16, … and kept.
 * @param key where given, a row that has these columns in common replaces the others
 */
export async function insertMany<Table extends keyof Schema & string>(
  trx: Trx,
  table: Table,
  columns: readonly (keyof Schema[Table] & string)[],
  rows: readonly unknown[][],
  key: readonly string[] = [],
): Promise<void> {
  let size = most;
  for (let at = 0; at < rows.length; at += size) {
    while (size > rows.length - at) size /= 2;
    const parameters: unknown[] = [];
    for (let row = at; row < at + size; row++) for (const value of rows[row]!) parameters.push(value);
    await trx.executeQuery(CompiledQuery.raw(textOf(trx, table, columns, size, key), parameters));
  }
}

function textOf(
  trx: Trx,
  table: keyof Schema & string,
  columns: readonly string[],
  size: number,
  key: readonly string[],
) {
  const name = `${table} ${columns.join(' ')} ${size} ${key.join(' ')}`;
  const known = texts.get(name);
  if (known !== undefined) return known;
  const row = Object.fromEntries(columns.map((column) => [column, 0]));
  const query = trx.insertInto(table).values(Array.from({ length: size }, () => row) as never);
  const others = columns.filter((column) => !key.includes(column));
  const whole =
    key.length === 0
      ? query
      : query.onConflict((conflict) =>
          conflict
            .columns(key as never)
            .doUpdateSet(
              (eb) =>
                Object.fromEntries(
                  others.map((column) => [column, eb.ref(`excluded.${column}` as never)]),
                ) as never,
            ),
        );
  const { sql } = whole.compile();
  texts.set(name, sql);
  return sql;
}
