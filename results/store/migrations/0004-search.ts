// SPDX-License-Identifier: GPL-2.0-only
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

// Trigrams without their places: what a query finds is looked at again, and places would take three times as much. In
// PostgreSQL the twin is an index by pg_trgm (`USING gin (text gin_trgm_ops)`), which needs no triggers.
const index = (name: string, content: string) =>
  `CREATE VIRTUAL TABLE ${name} USING fts5(
    text, content='${content}', content_rowid='id', tokenize='trigram', detail='none', columnsize=0)`;

const statements = [
  // An index by words needs rows with a number of their own.
  'ALTER TABLE message RENAME TO old_message',
  `CREATE TABLE message (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run, series INTEGER NOT NULL, attempt INTEGER NOT NULL,
    text TEXT NOT NULL, UNIQUE (run, series, attempt)) STRICT`,
  'INSERT INTO message (run, series, attempt, text) SELECT run, series, attempt, text FROM old_message',
  'DROP TABLE old_message',
  index('message_search', 'message'),
  "INSERT INTO message_search (message_search) VALUES ('rebuild')",
  `CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.text); END`,
  // By what a test or a subtest is found.
  `CREATE VIEW name_text AS
    SELECT name.id, iif(name.subtest = '', test.name, name.subtest) AS text
    FROM name JOIN test ON test.id = name.test`,
  index('name_search', 'name_text'),
  "INSERT INTO name_search (name_search) VALUES ('rebuild')",
  `CREATE TRIGGER name_added AFTER INSERT ON name BEGIN
    INSERT INTO name_search (rowid, text) SELECT id, text FROM name_text WHERE id = new.id; END`,
];

export const search: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
