// SPDX-License-Identifier: GPL-2.0-only
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

// Each character of a long text is another trigram, and costs a place in the index: a guest could make the writer pay.
const long = 'length(text) > 1000';

const statements = [
  `INSERT INTO message_search (message_search, rowid, text) SELECT 'delete', id, text FROM message WHERE ${long}`,
  'DROP TRIGGER message_added',
  `CREATE TRIGGER message_added AFTER INSERT ON message WHEN NOT length(new.text) > 1000 BEGIN
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.text); END`,
  `CREATE INDEX message_long ON message (id) WHERE ${long}`,
];

export const longMessages: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
