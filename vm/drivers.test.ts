// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest';
import { drivers, findDriver } from './drivers.ts';
import { UsageTrouble } from './trouble.ts';

it('finds a driver by its name, and tells what there is instead', () => {
  expect(findDriver('virtme').name).toBe('virtme');
  expect(drivers[0]!.name).toBe('qemu');
  expect(() => findDriver('vmware')).toThrow(UsageTrouble);
  expect(() => findDriver('virtm')).toThrow('There is no driver "virtm".\nExpected: one of virtme, qemu');
});
