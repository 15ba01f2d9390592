// SPDX-License-Identifier: GPL-2.0-only
import type { Prepared } from '../../../runner/setup.ts';
import { findDriver } from '../../../vm/drivers.ts';
import { FAULT_MODULE, FAULT_TRIGGER, withFaults } from '../../support/fault-module.ts';
import { capture } from '../../support/guest.ts';
import { type BenchOptions, measured, type Row } from '../bench.ts';

/**
 * What a guest costs this process whose kernel prints without a pause: other than a pipe that is full, a serial port
 * has every byte come alone.
 */
export async function benchFlood(
  base: Prepared,
  { quick, note }: BenchOptions,
): Promise<Omit<Row, 'bench'>[]> {
  const seconds = quick ? 5 : 20;
  const { rootfs, plan } = await withFaults(base);
  const machine = await findDriver('qemu').boot({ rootfs, plan, timeoutMs: 600_000 });
  try {
    await capture(machine, ['dmesg', '-n', '8']);
    await capture(machine, ['insmod', FAULT_MODULE, `seconds=${seconds}`]);
    const from = machine.console.position;
    const before = process.cpuUsage();
    await capture(machine, ['sh', '-c', `echo flood > ${FAULT_TRIGGER}`]);
    const { user, system } = process.cpuUsage(before);
    const mib = (machine.console.position - from) / 2 ** 20;
    note(`${mib.toFixed(1)} MiB in ${seconds} s`);
    return [measured('1 MiB of a guest’s console, CPU', 's', [(user + system) / 1e6 / mib], null)];
  } finally {
    await machine.dispose();
  }
}
