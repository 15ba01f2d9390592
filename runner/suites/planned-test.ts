// SPDX-License-Identifier: GPL-2.0-only
import type { ParsedDocument, ResultFormat } from '../../results/formats/format.ts';
import type { SubtestReport } from '../../results/store/types.ts';
import type { Outcome } from '../../results/words.ts';
import type { ExecRequest, ExitReport } from '../../vm/guest/protocol.ts';
import type { Machine } from '../../vm/machine.ts';

/** What a test came to, and why. */
export interface Verdict {
  outcome: Outcome;
  /** Lines for a person, the most telling first; may be empty. */
  message: string;
}

/** What is known of the guest when a test is started in it. */
export interface Start {
  /** So slow that time limits which are made for real machines do not hold: TCG. */
  slow: boolean;
  /** Until the test is ended. */
  timeoutMs: number;
}

/** Subtests by the patterns of `--test` and `--deny`, without their test's name. */
export interface Narrowing {
  /** Only these; empty for all. */
  only: readonly string[];
  without: readonly string[];
}

/** A test that can be run: what a suite has built, and what the runner needs to know of it. */
export interface PlannedTest {
  collection: string;
  name: string;
  /** Under TCG: long ones are started first, and progress knows what to expect. */
  expectedSeconds: number;
  /** Seconds that it may take on a real machine, before they are stretched; 0 for as long as it likes. */
  timeoutS: number;
  /** It loads modules of its own: that they taint the kernel is nothing to tell. */
  taints?: boolean;
  /** How it is started in the guest. */
  start(how: Start): ExecRequest;
  /** What it prints. */
  format: ResultFormat;
  /**
   * What it came to, where its exit code is not kselftest's or does not tell all. Not asked of one that was ended by
   * us, by a signal or with its guest.
   */
  conclude?(exit: ExitReport, document: ParsedDocument): { verdict: Verdict; subtests: SubtestReport[] };
  /** Its subtests, also of one that was ended; where it is absent, everything that it has printed. */
  subtests?(document: ParsedDocument): SubtestReport[];
  /** Looks at what it left in the guest and at all that it printed, right after it has ended: what a person should know. */
  verify?(machine: Machine, document: ParsedDocument, output: Buffer): Promise<string[]>;
  /** The same test with less in it, where it can choose among its subtests. */
  narrow?(to: Narrowing): PlannedTest;
  /** It cannot be run, for a reason that was known beforehand: what is recorded without booting anything. */
  instead?: Verdict & { outcome: 'skip' | 'error' };
}
