// SPDX-License-Identifier: GPL-2.0-only
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { hostTscKhz } from '../vm/qemu/tsc.ts';
import { guestClockRate } from './support/clock.ts';
import { bootGuest, preparedGuest } from './support/guest.ts';
import { folderForTest } from './support/program.ts';

const prepared = await preparedGuest();
const { tscKhz } = prepared.plan;

afterEach(() => vi.unstubAllEnvs());

it('measures the same rate again, and only once per boot of the host', async () => {
  expect(tscKhz).toBeGreaterThan(100_000);
  const cache = await folderForTest('tsc');
  vi.stubEnv('MULTITAP_CACHE', cache);
  const again = await hostTscKhz(prepared.rootfs);
  expect(again! / tscKhz!).toBeCloseTo(1, 3);
  const [file] = await readdir(join(cache, 'tsc'));
  await writeFile(join(cache, 'tsc', file!), JSON.stringify({ khz: 4711 }));
  expect(await hostTscKhz(prepared.rootfs)).toBe(4711);
});

it('tells no rate where it cannot be measured, and asks again the next time', async () => {
  vi.stubEnv('MULTITAP_CACHE', await folderForTest('tsc'));
  expect(await hostTscKhz({ ...prepared.rootfs, tree: '/no/such/tree' })).toBeNull();
  expect((await hostTscKhz(prepared.rootfs))! / tscKhz!).toBeCloseTo(1, 3);
});

// What a guest believes that calibrated its clock on a busy host, made on purpose.
it('a guest that is told half of the rate lives twice as fast: it believes what it is told', async () => {
  const machine = await bootGuest(prepared, [`tsc_early_khz=${Math.round(tscKhz! / 2)}`]);
  try {
    expect(await guestClockRate(machine)).toBeCloseTo(2, 0);
  } finally {
    await machine.dispose();
  }
});
