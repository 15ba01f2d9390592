// SPDX-License-Identifier: GPL-2.0-only
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

// A crash is known by its signature; what it is called and where it was is that of the first time it was seen.
const statements = [
  `CREATE TABLE crash (
    id INTEGER PRIMARY KEY, signature TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, title TEXT NOT NULL,
    frames TEXT NOT NULL) STRICT`,
  // One report of the kernel during an attempt of a test; line is that of the attempt's console log.
  `CREATE TABLE occurrence (
    run INTEGER NOT NULL, series INTEGER NOT NULL, attempt INTEGER NOT NULL, position INTEGER NOT NULL,
    crash_id INTEGER NOT NULL REFERENCES crash, line INTEGER NOT NULL, fatal INTEGER NOT NULL,
    PRIMARY KEY (run, series, attempt, position),
    FOREIGN KEY (run, series, attempt) REFERENCES result) STRICT, WITHOUT ROWID`,
  'CREATE INDEX occurrence_by_crash ON occurrence (crash_id, run)',
];

export const crashes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
