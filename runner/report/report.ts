// SPDX-License-Identifier: GPL-2.0-only
import type { RunDetail, TestReport } from '../../results/store/types.ts';
import type { PlannedTest } from '../suites/planned-test.ts';

/** A way of telling a run on standard output while it goes on. One file each, and a line in `registry.ts`. */
export interface Report {
  started(tests: PlannedTest[]): void;
  /** `again`: it failed and is tried once more, which will be another call. */
  test(report: TestReport, again: boolean): void;
  /** `run` is as it was stored. */
  finished(run: RunDetail): void;
}

export type Print = (text: string) => void;

export interface ReportFormat {
  name: string;
  summary: string;
  create(print: Print): Report;
}
