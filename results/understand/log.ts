// SPDX-License-Identifier: GPL-2.0-only
import type { CrashKind } from '../crash/index.ts';
import type { Diagnostic, Unnamed } from '../formats/format.ts';
import type { Counts, Outcome } from '../words.ts';

/**
 * What `multitap parse --json` prints, described in docs/reference/parse.md. Other tools build on it: fields may be
 * added, none is renamed, taken away or given another meaning while `version` stays.
 */
export interface ParseReport {
  version: 1;
  files: UnderstoodLog[];
}

/** One log: its results, and what the kernel said of its own faults. */
export interface UnderstoodLog {
  /** As it was named; `-` for standard input. */
  file: string;
  format: string;
  lines: number;
  /** Everything that was planned was reported, and nothing broke off. */
  complete: boolean;
  plan: number | null;
  bailOut: string | null;
  skipAll: string | null;
  /** How many of the outermost tests came to what, and of all that is nested in them; without `unnamed`. */
  counts: { tests: Counts; subtests: Counts };
  unnamed: Unnamed;
  metadata: Readonly<Record<string, string>>;
  tests: UnderstoodTest[];
  crashes: UnderstoodCrash[];
  problems: Diagnostic[];
}

export interface UnderstoodTest {
  /** Unique among its neighbours of the same collection: the second `x` is `x [2]`. */
  name: string;
  collection: string | null;
  outcome: Outcome;
  durationMs: number | null;
  exitCode: number | null;
  markedFlaky: boolean;
  reason: string;
  line: number;
  lastLine: number;
  unnamed: Unnamed;
  metadata: Readonly<Record<string, string>>;
  diagnostics: Diagnostic[];
  /** Signatures of the crashes that were seen while it ran. */
  crashes: string[];
  subtests: UnderstoodTest[];
}

/** A fault of the kernel, however often it was met. */
export interface UnderstoodCrash {
  signature: string;
  kind: CrashKind;
  title: string;
  /** The top meaningful function; null where the report names none. */
  function: string | null;
  frames: string[];
  /** The kernel did not go on after one of them. */
  fatal: boolean;
  count: number;
  /** The first `maxOccurrences` of them. */
  occurrences: CrashOccurrence[];
}

export interface CrashOccurrence {
  line: number;
  lastLine: number;
  /** Since the boot; null where the line has no stamp. */
  kernelTimeMs: number | null;
  /** The way to the test that ran: names, outermost first. Null where none did. */
  test: string[] | null;
}
