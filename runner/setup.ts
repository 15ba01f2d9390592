// SPDX-License-Identifier: GPL-2.0-only
import { type AccelVerdict, probeAccel } from '../vm/accel.ts';
import { buildInitramfs } from '../vm/guest/agent.ts';
import { getDebKernel } from '../vm/kernel/deb.ts';
import type { Kernel } from '../vm/kernel/kernel.ts';
import { parseKernelReference } from '../vm/kernel/reference.ts';
import { buildSelftests, type Selftests } from '../vm/kernel/selftests.ts';
import type { Accel, GuestPlan } from '../vm/plan.ts';
import type { Progress } from '../vm/progress.ts';
import { hostTscKhz } from '../vm/qemu/tsc.ts';
import { buildRootfs, type Rootfs } from '../vm/rootfs/build.ts';
import { checkSandbox } from '../vm/rootfs/sandbox.ts';

export interface GuestOptions {
  kernel: string;
  cpus: number;
  memoryMb: number;
  /** `auto`: KVM where the probe says that it works. */
  accel: Accel | 'auto';
  /** Added to the kernel's command line. */
  append?: string[];
}

/** Everything on disk that a guest needs, and how it will be booted. */
export interface Prepared {
  rootfs: Rootfs;
  kernel: Kernel;
  selftests: Selftests | null;
  plan: GuestPlan;
  accel: AccelVerdict;
}

/**
 * Gets the root file system, the kernel and, where a collection is named, its selftests, whatever of it
 * is not in the cache yet.
 *
 * @throws UsageTrouble for a kernel or collection that does not exist; Trouble for what the machine lacks
 */
export async function prepare(
  options: GuestOptions,
  collection: string | null,
  progress: Progress,
): Promise<Prepared> {
  // First of all: a misspelt name should not cost a download.
  const reference = parseKernelReference(options.kernel);
  await checkSandbox();
  const rootfs = await buildRootfs(progress);
  const kernel = await getDebKernel(rootfs, reference, progress);
  const selftests = collection ? await buildSelftests(rootfs, kernel, collection, progress) : null;
  const initramfs = await buildInitramfs(rootfs, kernel, progress);
  const layers = [rootfs.image, kernel.layer, ...(selftests ? [selftests.layer] : [])];
  const guest = { kernel, initramfs, layers, cpus: options.cpus, memoryMb: options.memoryMb };
  const append = options.append ?? [];
  const accel =
    options.accel === 'auto'
      ? await probeAccel(rootfs, guest, progress)
      : { accel: options.accel, reason: `${options.accel.toUpperCase()} was asked for` };
  const tscKhz = accel.accel === 'tcg' ? await hostTscKhz(rootfs) : null;
  return { rootfs, kernel, selftests, plan: { ...guest, accel: accel.accel, tscKhz, append }, accel };
}
