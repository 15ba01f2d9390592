// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../../results/store/types.ts';
import type { PlannedTest } from '../suites/planned-test.ts';

/** What is stored of a test that could not be run, for a reason that was known beforehand. */
export function notStarted({ collection, name, instead }: PlannedTest): TestReport {
  return {
    ...{ collection, name, attempt: 1, startedAt: Date.now(), durationMs: null, cpuMs: null, exitCode: null },
    ...{ signal: null, timeoutMs: 0, vm: 0, line: null, subtests: [], logs: [], problems: [] },
    ...{ outcome: instead!.outcome, message: instead!.message },
  };
}
