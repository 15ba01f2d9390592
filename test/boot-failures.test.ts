// SPDX-License-Identifier: GPL-2.0-only
// How every driver fails to boot: whose fault it is, and that nothing is left. The other half of the contract.
import { randomBytes } from 'node:crypto';
import { cp, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Prepared } from '../runner/setup.ts';
import { drivers } from '../vm/drivers.ts';
import type { BootOptions } from '../vm/machine.ts';
import type { GuestPlan } from '../vm/plan.ts';
import { BootTrouble, Trouble } from '../vm/trouble.ts';
import { preparedGuest } from './support/guest.ts';
import { folderForTest } from './support/program.ts';
import { all, whyNot } from './support/slow.ts';

const BOOT_MS = 600_000;

let prepared: Prepared;

beforeAll(async () => {
  prepared = await preparedGuest();
});

describe.each(drivers)('a boot by driver $name that fails', (driver) => {
  const slow = driver.name === 'virtme' && !all;
  const whySlow = whyNot(slow);

  /** The failure, after looking whether anything is left in the folder for temporary files. */
  async function failure(plan: Partial<GuestPlan>, more: Partial<BootOptions> = {}): Promise<Trouble> {
    const tmp = await folderForTest('failed');
    vi.stubEnv('TMPDIR', tmp);
    onTestFinished(() => void vi.unstubAllEnvs());
    const wanted = { ...prepared.plan, ...plan };
    const options = { rootfs: prepared.rootfs, plan: wanted, timeoutMs: BOOT_MS, ...more };
    const error = await driver.boot(options).then(
      () => new Error('it booted'),
      (error) => error,
    );
    expect(await readdir(tmp)).toEqual([]);
    expect(error).toBeInstanceOf(Trouble);
    return error;
  }

  /** The kernel with images that `spoil` has been at. */
  async function spoilt(spoil: (path: string) => Promise<void>): Promise<Partial<GuestPlan>> {
    const dir = await folderForTest('kernel');
    const images = { vmlinux: join(dir, 'vmlinux'), bzImage: join(dir, 'bzImage') };
    for (const name of ['vmlinux', 'bzImage'] as const) {
      await cp(prepared.kernel[name], images[name]);
      await spoil(images[name]);
    }
    return { kernel: { ...prepared.kernel, dir, ...images } };
  }

  it('is our trouble, at once, where the kernel’s image is garbage or cut off', async () => {
    const garbage = await spoilt((path) => writeFile(path, randomBytes(2 ** 20)));
    expect(await failure(garbage)).not.toBeInstanceOf(BootTrouble);
    const half = await spoilt((path) => truncate(path, 5_000_000));
    expect(await failure(half)).not.toBeInstanceOf(BootTrouble);
  });

  it('is nobody’s where it was interrupted', async () => {
    const error = await failure({}, { signal: AbortSignal.timeout(1500) });
    expect(error).not.toBeInstanceOf(BootTrouble);
    expect(error.message).toBe('Booting was interrupted.');
  });

  it('gives up on a guest that does not answer in time, and ends it', async () => {
    const error = await failure({}, { timeoutMs: 2000 });
    expect(error).toBeInstanceOf(BootTrouble);
    expect(error.message).toMatch(/^The guest gave no answer within 2 s\./);
  });

  it.skipIf(slow)(`tells which layer cannot be mounted${whySlow}`, async () => {
    const image = join(await folderForTest('image'), 'wrong.erofs');
    await writeFile(image, randomBytes(2 ** 20));
    const error = await failure({ layers: [...prepared.plan.layers, image] });
    expect(error).toBeInstanceOf(BootTrouble);
    expect(error.message).toMatch(/giving up: mounting .*\/dev\/vd/);
  });

  it('is the kernel’s where it panics, with its words', async () => {
    // A first process that is not there: both drivers’ own is named by an earlier word.
    const error = await failure({ append: ['rdinit=/not/there', 'root=/dev/not-there'] });
    expect(error).toBeInstanceOf(BootTrouble);
    expect(error.message).toMatch(/The kernel panicked while booting: .*\n.*Kernel panic - not syncing/s);
    expect((error as BootTrouble).console).toContain('Kernel panic');
  });
});
