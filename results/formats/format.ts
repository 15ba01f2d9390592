// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../words.ts';

/** A line of the input, kept because it explains a result or could not be placed. */
export interface Diagnostic {
  /** 1-based line number in the input. */
  line: number;
  text: string;
}

/** One result line as understood, with what was nested in it. */
export interface ParsedTest {
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
  /** 1-based line of the result line. */
  line: number;
  subtests: ParsedTest[];
  diagnostics: Diagnostic[];
}

/** Everything that a parser understood of one input. */
export interface ParsedDocument {
  format: string;
  /** The number of tests that the outermost plan promised; null without a plan. */
  plan: number | null;
  /** The reason for `Bail out!`; null where nothing bailed out. */
  bailOut: string | null;
  /** Why a whole document ran nothing (`1..0 # SKIP no root`); absent where it did run something. */
  skipAll?: string;
  /** False where a plan was not met, a document was cut or a test bailed out. */
  complete: boolean;
  tests: ParsedTest[];
  /** What did not fit the grammar, with its place: parsers never throw on input. */
  problems: Diagnostic[];
  /** Number of lines read. */
  lines: number;
}

/**
 * A streaming parser: fed with chunks cut anywhere (also inside a character), linear time, bounded memory,
 * never throws on input.
 */
export interface ResultParser {
  push(chunk: Uint8Array): void;
  end(): ParsedDocument;
}

/** Called for every result line as soon as it is understood, so that progress can be shown. */
export type OnResult = (result: { name: string; outcome: Outcome; depth: number }) => void;

/** One dialect. A new one is one file here and one line in `registry.ts`. */
export interface ResultFormat {
  name: string;
  /** One line for `--help` and the reference. */
  summary: string;
  parser(onResult?: OnResult): ResultParser;
}
