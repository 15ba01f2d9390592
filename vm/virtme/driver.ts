// SPDX-License-Identifier: GPL-2.0-only
import type { Driver } from '../machine.ts';
import { kernelOptions, virtmeCommand } from './command.ts';
import { bootVirtme } from './machine.ts';
import { extraLayers } from './sandbox.ts';

export const virtmeDriver: Driver = {
  name: 'virtme',
  description: 'virtme-ng as its users run it, to see what its init changes; slow under TCG, no snapshots',
  tells: ({ plan, rootfs }) => ({
    commandLine: virtmeCommand(plan, extraLayers(plan, rootfs).length),
    kernelOptions: kernelOptions(plan),
  }),
  boot: bootVirtme,
};
