// SPDX-License-Identifier: GPL-2.0-only
import { dirname } from 'node:path';
import { guestLimits } from '../limits/limits.ts';
import type { BootOptions, Ending } from '../machine.ts';
import { type Memory, qemuCommand } from './command.ts';
import { type Exit, type Qemu, supervise } from './supervise.ts';

function meaning({ exitCode, byGuest, words, how }: Exit): Ending {
  if (exitCode === 0) return { how: 'reset', why: byGuest ?? 'the guest reset or powered off by itself' };
  return { how: 'died', why: words || `QEMU ended (${how})` };
}

/**
 * Starts QEMU inside the root file system's sandbox.
 *
 * @param memory a file instead of anonymous memory
 * @throws Trouble where its channels cannot be opened; what keeps QEMU from starting is told by `ended`
 */
export function startQemu(
  { plan, rootfs }: Pick<BootOptions, 'plan' | 'rootfs'>,
  memory?: Memory,
): Promise<Qemu> {
  const memoryFor = (use: Memory['use']) => (memory?.use === use ? [memory.dir] : []);
  return supervise((channels) => {
    const commandLine = qemuCommand(plan, channels, memory);
    return {
      commandLine,
      command: commandLine,
      sandbox: {
        root: rootfs.tree,
        readable: [plan.kernel.dir, dirname(plan.initramfs), ...plan.layers, ...memoryFor('resume')],
        writable: [channels, ...memoryFor('make')],
        devices: plan.accel === 'kvm' ? ['/dev/kvm'] : [],
        limits: guestLimits(plan),
        guest: 'QEMU',
      },
      meaning,
    };
  });
}
