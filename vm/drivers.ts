// SPDX-License-Identifier: GPL-2.0-only
import type { Driver } from './machine.ts';
import { nearest } from './nearest.ts';
import { qemuDriver } from './qemu/driver.ts';
import { UsageTrouble } from './trouble.ts';
import { virtmeDriver } from './virtme/driver.ts';

/** Every way to boot a machine, the default first; each passes test/contract.test.ts. */
export const drivers: readonly Driver[] = [qemuDriver, virtmeDriver];

/** @throws UsageTrouble for a name that no driver has */
export function findDriver(name: string): Driver {
  const found = drivers.find((driver) => driver.name === name);
  if (found) return found;
  const names = drivers.map((driver) => driver.name);
  throw new UsageTrouble({
    happened: `There is no driver ${JSON.stringify(name)}.`,
    expected: `one of ${nearest(name, names).join(', ')}`,
  });
}
