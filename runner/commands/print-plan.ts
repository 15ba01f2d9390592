// SPDX-License-Identifier: GPL-2.0-only
import { findDriver } from '../../vm/drivers.ts';
import type { Prepared } from '../setup.ts';
import type { PlannedTest } from '../suites/planned-test.ts';
import { shellWord } from './repeat.ts';
import type { ScheduleFlags } from './run-options.ts';

/** What `--dry-run` says. */
export function printPlan(prepared: Prepared, tests: PlannedTest[], flags: ScheduleFlags): void {
  const { kernel, plan, accel, built } = prepared;
  const { commandLine } = findDriver(flags.driver).tells(prepared);
  const seconds = tests.reduce((sum, test) => sum + (test.instead ? 0 : test.expectedSeconds), 0);
  process.stdout.write(
    [
      `kernel     ${kernel.release} (${kernel.version}, config ${kernel.configHash})`,
      `selftests  ${built!.version}`,
      `guests     up to ${flags.jobs}, ${plan.cpus} CPUs, ${plan.memoryMb} MiB, ${plan.accel}: ${accel.reason}`,
      `tests      ${tests.length}, about ${Math.ceil(seconds / 60)} minutes of guest time under TCG`,
      ...tests.map(
        ({ collection, name, instead }) =>
          `  ${collection}:${name}${instead ? ` (${instead.outcome}: ${instead.message.split('\n')[0]})` : ''}`,
      ),
      `${flags.driver.padEnd(10)} ${commandLine.map(shellWord).join(' ')}`,
      '',
    ].join('\n'),
  );
}
