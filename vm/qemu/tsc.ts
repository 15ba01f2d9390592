// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import { keepUntilBoot, knownSinceBoot } from '../host-boot.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox } from '../rootfs/sandbox.ts';

const SOURCE = join(import.meta.dirname, 'tsc.c');
/** To a tenth of a MHz, so that what is measured after the host's next boot names the same snapshot. */
const STEP_KHZ = 100;

/**
 * The rate of the host's time stamp counter in kHz, which is that of every guest under TCG (QEMU's
 * cpu_get_host_ticks); null where it has none that is steady, and on other processors than x86. Measured once per boot
 * of the host, in 0.5 s.
 *
 * A guest that has to find it out compares it with a timer that QEMU emulates late on a busy host. It then takes
 * seconds for longer or shorter than they are, for good, and so does each guest that goes on from its snapshot.
 *
 * @throws Trouble where the sandbox does
 */
export async function hostTscKhz(rootfs: Rootfs): Promise<number | null> {
  if (process.arch !== 'x64') return null;
  const known = await knownSinceBoot<{ khz: number }>('tsc');
  if (known) return known.khz;
  const script = 'gcc -O2 -std=gnu11 -o /tmp/tsc "$1" && /tmp/tsc';
  const { stdout, failed } = await inSandbox(
    { root: rootfs.tree, readable: [SOURCE] },
    ['sh', '-c', script, 'sh', SOURCE],
    { reject: false },
  );
  const khz = Math.round(Number(stdout) / STEP_KHZ) * STEP_KHZ;
  // Not kept: a busy moment, or a full disk, may be over at the next run.
  if (failed || !(khz > 0)) return null;
  await keepUntilBoot('tsc', { khz });
  return khz;
}
