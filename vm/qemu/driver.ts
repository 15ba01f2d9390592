// SPDX-License-Identifier: GPL-2.0-only
import type { BootOptions, Driver, Machine } from '../machine.ts';
import { kernelCommandLine, qemuCommand } from './command.ts';
import { bootQemu } from './machine.ts';
import { restoreQemu } from './restore.ts';
import { learnSymbols } from './symbols.ts';

/** The first guest of a kernel is asked for its symbols, so that a later one that hangs need not be. */
async function boot(options: BootOptions): Promise<Machine> {
  const machine = await bootQemu(options);
  await learnSymbols(machine, options.plan.kernel).catch(() => {});
  return machine;
}

/** QEMU of the root file system, with as little of a machine as a test needs. */
export const qemuDriver: Driver = {
  name: 'qemu',
  description: 'QEMU: boots in seconds, goes on from a snapshot in less than one',
  tells: ({ plan }) => ({ commandLine: qemuCommand(plan, '$DIR'), kernelOptions: kernelCommandLine(plan) }),
  boot,
  restore: restoreQemu,
};
