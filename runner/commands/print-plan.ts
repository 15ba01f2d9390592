// SPDX-License-Identifier: GPL-2.0-only
import { findDriver } from '../../vm/drivers.ts';
import type { PlannedTest } from '../plan.ts';
import type { Prepared } from '../setup.ts';
import { shellWord } from './repeat.ts';
import type { ScheduleFlags } from './run-options.ts';

/** What `--dry-run` says. */
export function printPlan(prepared: Prepared, tests: PlannedTest[], flags: ScheduleFlags): void {
  const { kernel, plan, accel, selftests } = prepared;
  const { commandLine } = findDriver(flags.driver).tells(prepared);
  const seconds = tests.reduce((sum, test) => sum + test.expectedSeconds, 0);
  process.stdout.write(
    [
      `kernel     ${kernel.release} (${kernel.version}, config ${kernel.configHash})`,
      `selftests  ${selftests!.version}`,
      `guests     up to ${flags.jobs}, ${plan.cpus} CPUs, ${plan.memoryMb} MiB, ${plan.accel}: ${accel.reason}`,
      `tests      ${tests.length}, about ${Math.ceil(seconds / 60)} minutes of guest time under TCG`,
      ...tests.map((test) => `  ${test.collection}:${test.name}`),
      `${flags.driver.padEnd(10)} ${commandLine.map(shellWord).join(' ')}`,
      '',
    ].join('\n'),
  );
}
