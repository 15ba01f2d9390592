// SPDX-License-Identifier: GPL-2.0-only
import type { CrashKind } from '../crash/index.ts';
import type { Counts, Outcome } from '../words.ts';

/** A git URL + ref that is followed over time, or a Debian kernel series. */
export interface BranchInput {
  name: string;
  url?: string;
  ref?: string;
}

/** A commit or a package version, with its position on the branch (larger is newer). */
export interface RevisionInput {
  name: string;
  position: number;
  commit?: string;
}

/** What flake rates depend on besides the code: history is kept apart for each variant. */
export interface VariantInput {
  arch: string;
  /** `kvm` or `tcg`. */
  accel: string;
  cpus: number;
  /** The kernel's configuration: `debian-cloud`, `normal`, `debug`, … */
  flavour: string;
  /** Whatever else changes what is tested, as `key=value` words; empty for nothing. */
  options: string;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A run as it begins. Times are milliseconds since the epoch throughout this file. */
export interface RunStart {
  uuid: string;
  suite: string;
  branch: BranchInput;
  revision: RevisionInput;
  variant: VariantInput;
  /** Kernel release, config hash, root file system hash, tool versions, QEMU line, …: shown on the run's page. */
  environment: { [key: string]: Json };
  /** The command line that repeats the run. */
  command: string;
  startedAt: number;
  /** The tests that are going to run, for progress and for `missing`. */
  planned: { collection: string; name: string }[];
  /**
   * From the files of others: a branch and a revision that are stored stay where they are. Without it, what is told last
   * is where they are.
   */
  secondHand?: boolean;
}

export interface SubtestReport {
  name: string;
  outcome: Outcome;
  durationMs: number | null;
  /** 1-based line in the test's `output` log; null where it was never printed. */
  line: number | null;
  markedFlaky: boolean;
  /** Why, in the test's own words, for everything but a pass; at most a few lines. */
  message: string;
}

/**
 * `console`: the kernel's words. `diagnosis`: what was learnt of a guest or test that was stuck. `hooks`: the output
 * of the user's own scripts before and after the test. `decoded`: the console with the source lines of its traces.
 */
export type LogKind = 'output' | 'stderr' | 'console' | 'diagnosis' | 'hooks' | 'decoded';

/** A report of the kernel about a fault of its own, as it was met during an attempt of a test. */
export interface CrashSighting {
  /** The same for every time that the same fault is met. */
  signature: string;
  kind: CrashKind;
  title: string;
  /** The top meaningful functions, innermost first. */
  frames: string[];
  /** 1-based line in the attempt's `console` log at which the report begins. */
  line: number;
  /** The kernel did not go on after it. */
  fatal: boolean;
}

/** One attempt of one test, with its subtests and logs. */
export interface TestReport {
  collection: string;
  name: string;
  /** 1 for the first attempt. */
  attempt: number;
  outcome: Outcome;
  startedAt: number;
  /** Null where it never ran, or nobody told how long: no 0, which would count as a time that was measured. */
  durationMs: number | null;
  /** CPU time used by the test and its children inside the guest; null where it could not be read. */
  cpuMs: number | null;
  exitCode: number | null;
  /** The name of the signal that ended it (`SIGSEGV`); null where none did. */
  signal: string | null;
  timeoutMs: number;
  /** Which of the run's VMs it ran in, from 0. */
  vm: number;
  message: string;
  /** 1-based line in the `output` log that tells the failure best; null where there is none. */
  line: number | null;
  subtests: SubtestReport[];
  logs: { kind: LogKind; content: Uint8Array }[];
  /** What the parser could not place, and what else a person should know of the attempt. */
  problems: { line: number; text: string }[];
  /** What the kernel reported meanwhile; nothing where there was none. */
  crashes?: CrashSighting[];
}

/** `complete`: every planned test reported. `incomplete`: stopped before. `error`: our infrastructure failed. */
export type RunState = 'running' | 'complete' | 'incomplete' | 'error';

export interface RunEnd {
  state: Exclude<RunState, 'running'>;
  finishedAt: number;
  /** Why it is not complete; empty where it is. */
  reason: string;
}

export interface RunSummary {
  id: number;
  uuid: string;
  suite: string;
  branch: string;
  revision: string;
  variant: string;
  state: RunState;
  reason: string;
  startedAt: number;
  finishedAt: number | null;
  plannedTests: number;
  /** Top-level tests, last attempt of each. */
  tests: Counts;
  /** Subtests, last attempt of each. */
  subtests: Counts;
}

export interface LogRef {
  kind: LogKind;
  /** SHA-256 of the content, in hexadecimal: its address. */
  hash: string;
  bytes: number;
  lines: number;
}

export interface SubtestResult extends SubtestReport {
  series: number;
}

export interface TestResult extends Omit<TestReport, 'logs' | 'subtests'> {
  series: number;
  logs: LogRef[];
  /** In the order in which they were printed. */
  subtests: SubtestResult[];
}

export interface RunDetail extends RunSummary {
  environment: { [key: string]: Json };
  command: string;
  planned: { collection: string; name: string }[];
  /** In the order in which they started; every attempt. */
  results: TestResult[];
}

/** A run without its results, with all that identifies what was tested. */
export interface RunHead extends RunSummary {
  branchUrl: string | null;
  branchRef: string | null;
  /** Where the revision stands on its branch; larger is newer. */
  position: number;
  commit: string | null;
  /** The parts of the variant. */
  platform: VariantInput;
  environment: { [key: string]: Json };
  command: string;
}

/** A branch on the overview: its latest runs, newest first. */
export interface BranchOverview {
  branch: string;
  url: string | null;
  runs: RunSummary[];
}

/** One point of a series: one run's last attempt, with how many attempts there were. */
export interface HistoryPoint {
  runId: number;
  revision: string;
  startedAt: number;
  outcome: Outcome;
  attempts: number;
  durationMs: number | null;
  message: string;
  line: number | null;
  /** The test's `output` log. */
  log: string | null;
}

export interface SeriesHistory {
  series: number;
  branch: string;
  variant: string;
  suite: string;
  collection: string;
  test: string;
  /** Empty for the test itself. */
  subtest: string;
  counts: Counts;
  /** Newest first. */
  points: HistoryPoint[];
  /** The same test on other branches and variants, with the newest outcome of each. */
  elsewhere: { series: number; branch: string; variant: string; outcome: Outcome; runs: number }[];
  /** The subtests of this test on this branch and variant (empty for a subtest), by name. */
  subtests: { series: number; name: string; outcome: Outcome; runs: number; bad: number }[];
  /** The series of the test that this subtest belongs to; null for a test. */
  parent: number | null;
}

/** A fault that kernels reported, over all runs. */
export interface CrashSummary extends Pick<CrashSighting, 'signature' | 'kind' | 'title' | 'frames'> {
  occurrences: number;
  runs: number;
  /** When the first and the last run that met it began. */
  firstSeen: number;
  lastSeen: number;
  lastRun: number;
}

/** A test, or one of its subtests. */
interface Named {
  collection: string;
  test: string;
  /** Empty for the test itself. */
  subtest: string;
}

/** What somebody has to look at in a run. */
export interface Failure extends Named {
  series: number;
  attempt: number;
  outcome: Outcome;
  message: string;
}

export interface GridQuery {
  /** Names. */
  branch: string;
  variant: string;
  suite: string;
  /** `tests`: without their subtests. */
  level: 'tests' | 'all';
  /** How many of the newest runs, and of the series, by name, behind the first `after`. */
  runs: number;
  rows: number;
  after: number;
}

/** Series × runs of one branch on one variant. */
export interface Grid {
  /** Newest first. */
  runs: { id: number; revision: string; startedAt: number }[];
  /** `cells`: in the order of the runs; null where the run does not have it. */
  rows: (Named & { series: number; cells: (Outcome | null)[] })[];
}

export interface FlakyQuery {
  /** Only of this one. */
  branch?: string;
  /** Runs that began then or later. */
  since: number;
  limit: number;
}

/** A series that both passed and failed. */
export interface FlakySeries extends Named {
  series: number;
  branch: string;
  variant: string;
  /** Runs that it failed in, of those in which it said something. */
  failed: number;
  runs: number;
  /** How often it went from one to the other. */
  flips: number;
}

/** Once that a fault was met. */
export interface CrashOccurrence {
  runId: number;
  startedAt: number;
  branch: string;
  variant: string;
  revision: string;
  /** Of the test during which it was met. */
  series: number;
  collection: string;
  test: string;
  attempt: number;
  /** 1-based line in the attempt's `console` log. */
  line: number;
  fatal: boolean;
}

/** What two runs say differently. */
export interface Comparison {
  /** How many tests and subtests came to the same in both. */
  same: number;
  /** By name; null where a run does not have it. */
  changes: (Named & {
    before: Outcome | null;
    after: Outcome | null;
    beforeSeries: number | null;
    afterSeries: number | null;
  })[];
}

export interface FoundName extends Named {
  id: number;
  suite: string;
}

export interface FoundMessage extends Named {
  runId: number;
  series: number;
  attempt: number;
  message: string;
}

export interface SearchResult {
  names: FoundName[];
  messages: FoundMessage[];
}

/** How long a test takes, by what it took before. */
export interface TestDuration {
  collection: string;
  name: string;
  durationMs: number;
}

/** What writes results. Every call is one transaction, and repeating a call changes nothing. */
export interface ResultWriter {
  startRun(run: RunStart): Promise<{ id: number }>;
  addTest(runUuid: string, test: TestReport): Promise<void>;
  /** Records the planned tests that never reported as `missing` and closes the run. */
  finishRun(runUuid: string, end: RunEnd): Promise<void>;
  /**
   * All of the above for a run that is over, in one transaction. A run that was over before is left as it is; one that
   * goes on gets what it lacks, and is closed. `was`: how it was found.
   */
  addRun(
    run: RunStart,
    tests: readonly TestReport[],
    end: RunEnd,
  ): Promise<{ id: number; was: 'absent' | 'running' | 'over' }>;
}

/** What reads results: one method per question that a page or a command asks. */
export interface ResultReader {
  /** Every branch, the one with the newest run first, each with at most `runsPerBranch` runs. */
  overview(runsPerBranch: number): Promise<BranchOverview[]>;
  /** Newest first. `before` is a run id to page on from. */
  runs(filter: { branch?: string; before?: number; limit: number }): Promise<RunSummary[]>;
  /** By id, or by UUID or an unambiguous beginning of it; null where there is none. */
  run(idOrUuid: number | string): Promise<RunDetail | null>;
  /** `limit` is the number of points. */
  history(series: number, limit: number): Promise<SeriesHistory | null>;
  /** The whole content of a log; null where it is unknown. */
  log(hash: string): Promise<Uint8Array | null>;
  /** Where a log came from, for the log page's head; null where it is unknown. */
  logOrigin(hash: string): Promise<{ runId: number; series: number; test: string; kind: LogKind } | null>;
}

export interface Store extends ResultWriter, ResultReader {
  /** The faults that kernels reported, the one met last first. */
  crashes(limit: number): Promise<CrashSummary[]>;
  /** The median of each test's newest durations, on this variant where it ran on it; without those that never ran. */
  durations(suite: string, variant: VariantInput): Promise<TestDuration[]>;
  /**
   * What a series came to in the runs that started on the UTC days from that of `from` up to and with that of `to`
   * (milliseconds since the epoch), by the last attempt in each run.
   */
  countsBetween(series: number, from: number, to: number): Promise<Counts>;
  /** The points of `history` alone: a series' newest so many, newest first. */
  points(series: number, limit: number): Promise<HistoryPoint[]>;
  /** Every attempt in a run that somebody has to look at, by name. */
  failures(run: number): Promise<Failure[]>;
  /** Null where the suite never ran there. */
  grid(query: GridQuery): Promise<Grid | null>;
  /** Those that failed in most runs first; what failed in all of them is not flaky. */
  flaky(query: FlakyQuery): Promise<FlakySeries[]>;
  /** Where a fault was met, the newest run first. */
  occurrences(signature: string, limit: number): Promise<CrashOccurrence[]>;
  compare(before: number, after: number): Promise<Comparison>;
  /** Names and messages that contain a text, ASCII letters in any case; `limit` of each. */
  search(text: string, limit: number): Promise<SearchResult>;
  /** As `run` finds it; null where there is none. */
  head(idOrUuid: number | string): Promise<RunHead | null>;
  /**
   * A run's tests, each with all its attempts in order, by when they started: one after the other, so that memory
   * holds one test at a time.
   */
  tests(run: number): AsyncIterable<TestResult[]>;
  close(): Promise<void>;
}
