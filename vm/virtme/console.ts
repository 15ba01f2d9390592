// SPDX-License-Identifier: GPL-2.0-only
import type { Qmp } from '../qemu/qmp.ts';
import { CHANNELS } from './sandbox.ts';

/** QEMU under TCG on a machine with much else to do answers within seconds. */
const PATIENCE_MS = 60_000;

/**
 * Makes the guest's serial port ours, then lets the guest run. virtme-ng connects it to /dev/null, or to its own
 * standard error; a second port cannot be the kernel's console as well (drivers/tty/serial/8250 has one for all).
 */
export async function takeConsole(monitor: Qmp): Promise<void> {
  const backend = { type: 'pipe', data: { device: `${CHANNELS}/console` } };
  await monitor.execute('chardev-change', { id: 'console', backend }, PATIENCE_MS);
  await monitor.execute('cont', undefined, PATIENCE_MS);
}
