// SPDX-License-Identifier: GPL-2.0-only
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { applicationId } from '../application-id.ts';

// Measured with 2000 series × 1000 runs: interned names and two clustered B-trees take 35 bytes a result where text
// names with two indexes take 294; without the index led by the series, a history of 100 runs takes 12 ms, not 0.2.
const counts = ['pass', 'fail', 'skip', 'xfail', 'xpass', 'timeout', 'crash', 'missing', 'error']
  .map((outcome) => `${outcome} INTEGER NOT NULL`)
  .join(', ');

const names = [
  'CREATE TABLE branch (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, url TEXT, ref TEXT) STRICT',
  `CREATE TABLE revision (
    id INTEGER PRIMARY KEY, branch INTEGER NOT NULL REFERENCES branch, name TEXT NOT NULL,
    position INTEGER NOT NULL, commit_hash TEXT, UNIQUE (branch, name)) STRICT`,
  'CREATE INDEX revision_by_position ON revision (branch, position)',
  `CREATE TABLE variant (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, arch TEXT NOT NULL, accel TEXT NOT NULL, cpus INTEGER NOT NULL,
    flavour TEXT NOT NULL, options TEXT NOT NULL, UNIQUE (arch, accel, cpus, flavour, options)) STRICT`,
  `CREATE TABLE test (
    id INTEGER PRIMARY KEY, suite TEXT NOT NULL, collection TEXT NOT NULL, name TEXT NOT NULL,
    UNIQUE (suite, collection, name)) STRICT`,
  // The empty subtest is the test itself.
  `CREATE TABLE name (
    id INTEGER PRIMARY KEY, test INTEGER NOT NULL REFERENCES test, subtest TEXT NOT NULL,
    UNIQUE (test, subtest)) STRICT`,
  // latest_*: the newest run's last outcome, so that lists of series need not search their histories.
  `CREATE TABLE series (
    id INTEGER PRIMARY KEY, branch INTEGER NOT NULL REFERENCES branch, variant INTEGER NOT NULL REFERENCES variant,
    name INTEGER NOT NULL REFERENCES name, latest_run INTEGER, latest_at INTEGER, latest_outcome INTEGER,
    UNIQUE (name, branch, variant)) STRICT`,
];

const runs = [
  `CREATE TABLE run (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, suite TEXT NOT NULL,
    branch INTEGER NOT NULL REFERENCES branch, revision INTEGER NOT NULL REFERENCES revision,
    variant INTEGER NOT NULL REFERENCES variant, state INTEGER NOT NULL, reason TEXT NOT NULL,
    started_at INTEGER NOT NULL, finished_at INTEGER, planned_tests INTEGER NOT NULL) STRICT`,
  'CREATE INDEX run_by_time ON run (started_at, id)',
  'CREATE INDEX run_by_branch ON run (branch, started_at, id)',
  'CREATE INDEX run_by_history ON run (branch, variant, suite, started_at, id)',
  // Apart from run, so that walking over many runs reads small rows.
  `CREATE TABLE run_detail (
    run INTEGER PRIMARY KEY REFERENCES run, environment TEXT NOT NULL, command TEXT NOT NULL) STRICT`,
  `CREATE TABLE run_count (
    run INTEGER NOT NULL REFERENCES run, level INTEGER NOT NULL, ${counts},
    PRIMARY KEY (run, level)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE planned (
    run INTEGER NOT NULL REFERENCES run, series INTEGER NOT NULL REFERENCES series, position INTEGER NOT NULL,
    PRIMARY KEY (run, series)) STRICT, WITHOUT ROWID`,
];

// Clustered by run for the run's page; the index holds all that a series' history asks.
const results = [
  `CREATE TABLE result (
    run INTEGER NOT NULL REFERENCES run, series INTEGER NOT NULL REFERENCES series, attempt INTEGER NOT NULL,
    outcome INTEGER NOT NULL, duration_ms INTEGER, position INTEGER NOT NULL, line INTEGER,
    marked_flaky INTEGER NOT NULL, PRIMARY KEY (run, series, attempt)) STRICT, WITHOUT ROWID`,
  'CREATE INDEX result_by_series ON result (series, run, attempt, outcome, duration_ms)',
  sideTable(
    'execution',
    `started_at INTEGER NOT NULL, cpu_ms INTEGER, exit_code INTEGER, signal TEXT,
    timeout_ms INTEGER NOT NULL, vm INTEGER NOT NULL`,
  ),
  sideTable('message', 'text TEXT NOT NULL'),
  sideTable('problem', 'position INTEGER NOT NULL, line INTEGER NOT NULL, text TEXT NOT NULL', 'position'),
  'CREATE TABLE log (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL, lines INTEGER NOT NULL) STRICT',
  sideTable(
    'result_log',
    'position INTEGER NOT NULL, kind INTEGER NOT NULL, log INTEGER NOT NULL REFERENCES log',
    'position',
  ),
  'CREATE INDEX result_log_by_log ON result_log (log)',
  // Running totals up to and with each day (UTC days since 1970) that has results: a range is a difference.
  `CREATE TABLE rollup (
    series INTEGER NOT NULL REFERENCES series, day INTEGER NOT NULL, ${counts},
    PRIMARY KEY (series, day)) STRICT, WITHOUT ROWID`,
];

/** What few results have, or few pages ask: kept out of the rows that every page walks over. */
function sideTable(name: string, columns: string, ...key: string[]): string {
  return `CREATE TABLE ${name} (
    run INTEGER NOT NULL, series INTEGER NOT NULL, attempt INTEGER NOT NULL, ${columns},
    PRIMARY KEY (${['run', 'series', 'attempt', ...key].join(', ')}),
    FOREIGN KEY (run, series, attempt) REFERENCES result) STRICT, WITHOUT ROWID`;
}

export const firstLight: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [`PRAGMA application_id = ${applicationId}`, ...names, ...runs, ...results];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
