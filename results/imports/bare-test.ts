// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../store/types.ts';

/** An attempt of which the source tells little more than what it came to. */
export function bareTest(
  test: Pick<TestReport, 'collection' | 'name' | 'outcome' | 'startedAt'> & Partial<TestReport>,
): TestReport {
  return {
    ...{ attempt: 1, durationMs: null, cpuMs: null, exitCode: null, signal: null, timeoutMs: 0, vm: 0 },
    ...{ message: '', line: null, subtests: [], logs: [], problems: [] },
    ...test,
  };
}
