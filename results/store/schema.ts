// SPDX-License-Identifier: GPL-2.0-only
import type { Generated, Kysely, Selectable, Transaction } from 'kysely';
import type { Counts } from '../words.ts';

// The tables as Kysely sees them. What each is for stands beside its DDL, in migrations/.

interface BranchTable {
  id: Generated<number>;
  name: string;
  url: string | null;
  ref: string | null;
}

interface RevisionTable {
  id: Generated<number>;
  branch: number;
  name: string;
  position: number;
  commit_hash: string | null;
}

interface VariantTable {
  id: Generated<number>;
  name: string;
  arch: string;
  accel: string;
  cpus: number;
  flavour: string;
  options: string;
}

interface TestTable {
  id: Generated<number>;
  suite: string;
  collection: string;
  name: string;
}

interface NameTable {
  id: Generated<number>;
  test: number;
  subtest: string;
}

interface SeriesTable {
  id: Generated<number>;
  branch: number;
  variant: number;
  name: number;
}

interface RunTable {
  id: Generated<number>;
  uuid: string;
  suite: string;
  branch: number;
  revision: number;
  variant: number;
  state: number;
  reason: string;
  started_at: number;
  finished_at: number | null;
  planned_tests: number;
  seq: number | null;
}

interface PlaceTable {
  id: Generated<number>;
  branch: number;
  variant: number;
  suite: string;
  /** How many have ended. */
  runs: number;
  /** How many of them are in `history`; the others have to be read one by one. */
  folded: number;
}

interface PackedRunTable {
  run: number;
  results: number;
  data: Uint8Array;
}

interface HistoryTable {
  series: number;
  piece: number;
  totals: Uint8Array;
  data: Uint8Array;
  /** Of this piece and all before: the run that began last, when, and what it came to. */
  newest_run: number;
  newest_at: number;
  newest_outcome: number;
}

interface RunDetailTable {
  run: number;
  environment: string;
  command: string;
}

interface RunCountTable extends Counts {
  run: number;
  /** 0: top-level tests, 1: subtests. */
  level: number;
}

interface PlannedTable {
  run: number;
  series: number;
  position: number;
}

/** What identifies one execution of a test or subtest. */
interface Execution {
  run: number;
  series: number;
  attempt: number;
}

interface ResultTable extends Execution {
  outcome: number;
  duration_ms: number | null;
  /** 0 for the test itself, then its subtests as they were printed. */
  position: number;
  line: number | null;
  /** 0 or 1. */
  marked_flaky: number;
}

interface ExecutionTable extends Execution {
  started_at: number;
  cpu_ms: number | null;
  exit_code: number | null;
  signal: string | null;
  timeout_ms: number;
  vm: number;
}

interface MessageTable extends Execution {
  id: Generated<number>;
  text: string;
}

interface ProblemTable extends Execution {
  position: number;
  line: number;
  text: string;
}

interface LogTable {
  id: Generated<number>;
  hash: string;
  bytes: number;
  lines: number;
}

interface ResultLogTable extends Execution {
  position: number;
  kind: number;
  log: number;
}

interface CrashTable {
  id: Generated<number>;
  signature: string;
  kind: string;
  title: string;
  /** A JSON list. */
  frames: string;
}

interface OccurrenceTable extends Execution {
  position: number;
  crash_id: number;
  line: number;
  /** 0 or 1. */
  fatal: number;
}

interface FailureTable extends Execution {
  outcome: number;
}

export interface Schema {
  branch: BranchTable;
  revision: RevisionTable;
  variant: VariantTable;
  test: TestTable;
  name: NameTable;
  series: SeriesTable;
  run: RunTable;
  run_detail: RunDetailTable;
  run_count: RunCountTable;
  planned: PlannedTable;
  result: ResultTable;
  execution: ExecutionTable;
  message: MessageTable;
  problem: ProblemTable;
  log: LogTable;
  result_log: ResultLogTable;
  place: PlaceTable;
  packed_run: PackedRunTable;
  history: HistoryTable;
  failure: FailureTable;
  crash: CrashTable;
  occurrence: OccurrenceTable;
}

export type Db = Kysely<Schema>;
/** Inside a transaction: a function that takes one must not reach for the database beside it. */
export type Trx = Transaction<Schema>;
export type RunRow = Selectable<RunTable>;
export type PlaceRow = Selectable<PlaceTable>;
export type HistoryRow = Selectable<HistoryTable>;
