// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../../results/store/types.ts';
import { testQueue } from '../../runner/schedule/queue.ts';
import { type RunOptions, type RunResult, runTests } from '../../runner/schedule/run.ts';
import type { Prepared } from '../../runner/setup.ts';
import type { PlannedTest } from '../../runner/suites/planned-test.ts';
import { drivers } from '../../vm/drivers.ts';

/** What came of a run, and what was told meanwhile. */
export interface Ran extends RunResult {
  /** In the order in which they ended. */
  reports: TestReport[];
  /** The VM of each guest that came up. */
  boots: number[];
  notes: string[];
}

/** Runs tests as `multitap run` does, and keeps what it would store; guests are shared unless `change` says otherwise. */
export async function runAll(
  prepared: Prepared,
  tests: PlannedTest[],
  change: Partial<RunOptions> = {},
): Promise<Ran> {
  const reports: TestReport[] = [];
  const boots: number[] = [];
  const notes: string[] = [];
  const result = await runTests({
    prepared,
    ...{ driver: drivers[0]!, isolation: 'vm', queue: testQueue(tests, 0), jobs: 1 },
    preparation: { modules: [], dynamicDebug: [] },
    around: { pre: null, post: null, kmemleak: false, coverage: null },
    ...{ env: {}, timeoutS: null, idleS: null, deadlineMinutes: null, signal: new AbortController().signal },
    on: {
      note: (_, text) => notes.push(text),
      booted: (vm) => boots.push(vm),
      started: () => {},
      subtest: () => {},
      splat: (_, test, title) => notes.push(`${test.name}: ${title}`),
      finished: async (report) => {
        reports.push(report);
      },
    },
    ...change,
  });
  return { ...result, reports, boots, notes };
}
