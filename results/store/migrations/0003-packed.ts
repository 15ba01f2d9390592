// SPDX-License-Identifier: GPL-2.0-only
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { packRuns } from './0003/pack-runs.ts';

// Measured on a million results: rows and an index took 79 bytes a result and 265 µs to record, most of it spent on
// pages of every series in every run. What is over is packed by run, and every 16 runs by series.
const before = [
  // A branch on a variant running a suite: its runs are counted, and those below `folded` are in the histories.
  `CREATE TABLE place (
    id INTEGER PRIMARY KEY, branch INTEGER NOT NULL REFERENCES branch, variant INTEGER NOT NULL REFERENCES variant,
    suite TEXT NOT NULL, runs INTEGER NOT NULL, folded INTEGER NOT NULL, UNIQUE (branch, variant, suite)) STRICT`,
  // The how-manieth run of its place it was when it ended; null while it goes on.
  'INSERT INTO place (branch, variant, suite, runs, folded) SELECT DISTINCT branch, variant, suite, 0, 0 FROM run',
  'ALTER TABLE run ADD COLUMN seq INTEGER',
  'CREATE UNIQUE INDEX run_by_seq ON run (branch, variant, suite, seq)',
  // Runs that ended and are not packed: none, but for those that a process of the version before closes after this.
  'CREATE INDEX run_to_seal ON run (started_at) WHERE finished_at IS NOT NULL AND seq IS NULL',
  `CREATE TABLE packed_run (
    run INTEGER PRIMARY KEY REFERENCES run, results INTEGER NOT NULL, data BLOB NOT NULL) STRICT`,
  // Points of up to 64 runs of the place; totals: of all pieces before; newest: of the runs in it and before, the one
  // that began last, since runs come in any order.
  `CREATE TABLE history (
    series INTEGER NOT NULL REFERENCES series, piece INTEGER NOT NULL, totals BLOB NOT NULL, data BLOB NOT NULL,
    newest_run INTEGER NOT NULL, newest_at INTEGER NOT NULL, newest_outcome INTEGER NOT NULL,
    PRIMARY KEY (series, piece)) STRICT, WITHOUT ROWID`,
  // What somebody has to look at, of runs that are over: few enough for rows that can be searched.
  `CREATE TABLE failure (
    run INTEGER NOT NULL REFERENCES run, series INTEGER NOT NULL, attempt INTEGER NOT NULL,
    outcome INTEGER NOT NULL, PRIMARY KEY (run, series, attempt)) STRICT, WITHOUT ROWID`,
];

/** The results that they belong to may be packed now. */
const detached: [table: string, columns: string, ...key: string[]][] = [
  [
    'execution',
    `started_at INTEGER NOT NULL, cpu_ms INTEGER, exit_code INTEGER, signal TEXT,
    timeout_ms INTEGER NOT NULL, vm INTEGER NOT NULL`,
  ],
  ['message', 'text TEXT NOT NULL'],
  ['problem', 'position INTEGER NOT NULL, line INTEGER NOT NULL, text TEXT NOT NULL', 'position'],
  [
    'result_log',
    'position INTEGER NOT NULL, kind INTEGER NOT NULL, log INTEGER NOT NULL REFERENCES log',
    'position',
  ],
  [
    'occurrence',
    `position INTEGER NOT NULL, crash_id INTEGER NOT NULL REFERENCES crash, line INTEGER NOT NULL,
    fatal INTEGER NOT NULL`,
    'position',
  ],
];

const after = [
  'CREATE INDEX result_log_by_log ON result_log (log)',
  'CREATE INDEX occurrence_by_crash ON occurrence (crash_id, run)',
  // The rows of runs that go on are few: taking them over is faster than deleting all others. And the histories need no
  // index of them any more.
  'ALTER TABLE result RENAME TO old_result',
  `CREATE TABLE result (
    run INTEGER NOT NULL REFERENCES run, series INTEGER NOT NULL REFERENCES series, attempt INTEGER NOT NULL,
    outcome INTEGER NOT NULL, duration_ms INTEGER, position INTEGER NOT NULL, line INTEGER,
    marked_flaky INTEGER NOT NULL, PRIMARY KEY (run, series, attempt)) STRICT, WITHOUT ROWID`,
  `INSERT INTO result SELECT old_result.* FROM run JOIN old_result ON old_result.run = run.id
    WHERE run.finished_at IS NULL`,
  'DROP TABLE old_result',
  // Summed up from the histories now.
  'DROP TABLE rollup',
  ...['latest_run', 'latest_at', 'latest_outcome'].map(
    (column) => `ALTER TABLE series DROP COLUMN ${column}`,
  ),
];

function rebuilt([table, columns, ...key]: (typeof detached)[number]): string[] {
  return [
    `ALTER TABLE ${table} RENAME TO old_${table}`,
    `CREATE TABLE ${table} (
      run INTEGER NOT NULL REFERENCES run, series INTEGER NOT NULL, attempt INTEGER NOT NULL, ${columns},
      PRIMARY KEY (${['run', 'series', 'attempt', ...key].join(', ')})) STRICT, WITHOUT ROWID`,
    `INSERT INTO ${table} SELECT * FROM old_${table}`,
    `DROP TABLE old_${table}`,
  ];
}

export const packed: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const make = async (statements: string[]) => {
      for (const statement of statements) await sql.raw(statement).execute(db);
    };
    await make([...before, ...detached.flatMap(rebuilt)]);
    await packRuns(db);
    await make(after);
  },
};
