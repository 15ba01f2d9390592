// SPDX-License-Identifier: GPL-2.0-only
import type { Driver } from '../machine.ts';
import { bootVirtme } from './machine.ts';

export const virtmeDriver: Driver = {
  name: 'virtme',
  description: 'virtme-ng as its users run it, to see what its init changes; slow under TCG, no snapshots',
  boot: bootVirtme,
};
