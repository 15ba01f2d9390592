// SPDX-License-Identifier: GPL-2.0-only
import type { Counts, Outcome } from '../words.ts';

/** A line of the input, kept because it explains a result or could not be placed. */
export interface Diagnostic {
  /** 1-based line number in the input. */
  line: number;
  text: string;
}

/** Results that the input counts without naming them: planned and never reported (`missing`), or only summed up. */
export type Unnamed = Partial<Counts>;

/** One result as understood, without what is nested in it. */
export interface TestResult {
  /** The description: the identity of the test, never its number. Trimmed, otherwise as it was printed. */
  name: string;
  /** `net/mptcp` of kselftest's `selftests: net/mptcp: diag.sh` (the name is then `diag.sh`); null elsewhere. */
  collection: string | null;
  /** The number that was printed; null where there was none. */
  number: number | null;
  outcome: Outcome;
  /** `# time=46ms`; null where the line tells none. */
  durationMs: number | null;
  /** `# exit=N` of the kselftest runner; null where the line tells none. */
  exitCode: number | null;
  /** The author's own mark that a failure here is expected noise (`# IGNORE Flaky`). */
  markedFlaky: boolean;
  /** What stood behind the directive (`SKIP no nft` gives `no nft`); empty where nothing did. */
  reason: string;
  /** 1-based line of the result; of what announced it where the result itself never came. */
  line: number;
  /** The line with which it was known: `line`, or a later one where the result never came or goes on. */
  lastLine: number;
  /** Subtests of it that were counted without a name. */
  unnamed: Unnamed;
  /** KTAP 2's `#:PREFIX_KEY: VALUE` about it; the last one of a key counts. */
  metadata: Readonly<Record<string, string>>;
  diagnostics: Diagnostic[];
}

export interface ParsedTest extends TestResult {
  subtests: ParsedTest[];
}

/** What is known at the end of the input. */
export interface Summary {
  format: string;
  /** The number of tests that the outermost plan promised; null without a plan. */
  plan: number | null;
  /** The reason for `Bail out!`; null where nothing bailed out. */
  bailOut: string | null;
  /** Why a whole document ran nothing (`1..0 # SKIP no root`); absent where it did run something. */
  skipAll?: string;
  /** False where a plan was not met, a document was cut or a test bailed out. */
  complete: boolean;
  /** Outermost results that were counted without a name. */
  unnamed: Unnamed;
  /** KTAP 2's `#:PREFIX_KEY: VALUE` about the whole document. */
  metadata: Readonly<Record<string, string>>;
  /** Number of lines read. */
  lines: number;
}

/**
 * What a parser tells, in the order of the input. Kernel TAP prints children before their parent, so a `result`
 * says how many of the results before it, that no other has taken in yet, are nested in it (`nested`): nobody has
 * to keep a tree in memory who does not want one. `depth` is for showing progress: 0 for the outermost.
 * `lost`: after this problem results are known to be missing.
 * `push` tells the same events for any cutting of the input into chunks; what `end` tells is about the end.
 */
export type ParseEvent =
  | { type: 'result'; result: TestResult; nested: number; depth: number }
  | { type: 'problem'; line: number; text: string; lost: boolean }
  | { type: 'end'; summary: Summary };

export type OnEvent = (event: ParseEvent) => void;

/** Everything that a parser understood of one input: what `collect.ts` makes of its events. */
export interface ParsedDocument extends Summary {
  tests: ParsedTest[];
  /** What did not fit the grammar, with its place: parsers never throw on input. */
  problems: Diagnostic[];
}

/**
 * A streaming parser: fed with chunks cut anywhere (also inside a character), linear time, memory bounded by
 * nesting, never throws on input. `end` is called once.
 */
export interface ResultParser {
  push(chunk: Uint8Array): void;
  end(): void;
}

/** One dialect. A new one is one file or folder here and one line in `registry.ts`. */
export interface ResultFormat {
  name: string;
  /** Other names that it is known by. */
  aliases?: readonly string[];
  /** One line for `--help` and the reference. */
  summary: string;
  parser(onEvent: OnEvent): ResultParser;
}
