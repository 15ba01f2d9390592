// SPDX-License-Identifier: GPL-2.0-only
import type { RunHead, TestResult } from '../../../results/store/types.ts';

/** A stored run, read one test at a time. */
export interface ExportSource {
  run: RunHead;
  /** Every test with all its attempts, in the order in which they started; can be walked again. */
  tests(): AsyncIterable<TestResult[]>;
}

export interface ExportOptions {
  /** Who says so: KCIDB's origin, and the beginning of NIPA's executor. */
  origin: string;
  /** Address of the dashboard that has the run, without a slash at its end; null where links are left out. */
  url: string | null;
  /** Address at which the folder that is written to is served, without a slash at its end; null where it is not. */
  published: string | null;
}

/** A way of handing a stored run on to another program. One file each, and a line in `registry.ts`. */
export interface ExportFormat {
  name: string;
  summary: string;
  /** What the file is called in a folder. */
  fileName(run: RunHead): string;
  /** The whole file, in pieces of at most a test. */
  document(source: ExportSource, options: ExportOptions): AsyncIterable<string>;
  /**
   * Beside the file, what else a folder of such files needs.
   * @param file the name under which the document was written
   */
  index?(folder: string, file: string, run: RunHead, options: ExportOptions): Promise<void>;
}

/** What a test came to in the end. */
export function lastAttempt(attempts: readonly TestResult[]): TestResult {
  return attempts.at(-1)!;
}
