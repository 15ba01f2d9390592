// SPDX-License-Identifier: GPL-2.0-only
import type { BootOptions, Machine } from '../machine.ts';
import { firstWord, machineOf, within } from '../qemu/machine.ts';
import { againWhereQemuCrashes } from '../qemu/own-crash.ts';
import type { Qmp } from '../qemu/qmp.ts';
import { Trouble } from '../trouble.ts';
import { checkImage } from './image.ts';
import { startVirtme } from './process.ts';

/** virtme-ng asks QEMU for `kvm:tcg`: where KVM cannot be used, it goes on without a word. */
async function checkAccel(monitor: Qmp): Promise<void> {
  const { enabled } = (await monitor.execute('query-kvm', undefined, 60_000)) as { enabled?: unknown };
  if (enabled === true) return;
  throw new Trouble({
    happened: 'virtme-ng booted its guest without KVM.',
    expected: 'KVM, which was asked for',
    next: 'use --accel tcg, or --driver qemu, which says why KVM does not work',
  });
}

/**
 * Boots a kernel with virtme-ng: its init, its root over virtiofs, its modules; our agent is the command that it
 * executes.
 *
 * @throws BootTrouble where the kernel panics or never answers; Trouble where virtme-ng or its QEMU cannot be started,
 *   the kernel's image is no such thing, or KVM was asked for and not used
 */
export async function bootVirtme(options: BootOptions): Promise<Machine> {
  await checkImage(options.plan.kernel.bzImage);
  return againWhereQemuCrashes(async () => {
    const began = performance.now();
    const qemu = await startVirtme(options);
    return within(qemu, options, async () => {
      const { ends, hello } = await firstWord(qemu);
      if (options.plan.accel === 'kvm') await checkAccel(ends.monitor);
      return machineOf(qemu, ends, options, hello, performance.now() - began);
    });
  }, options.onNote);
}
