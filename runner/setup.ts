// SPDX-License-Identifier: GPL-2.0-only
import { type AccelVerdict, probeAccel } from '../vm/accel.ts';
import { buildInitramfs } from '../vm/guest/agent.ts';
import { wantedKernel } from '../vm/kernel/get.ts';
import type { Kernel } from '../vm/kernel/kernel.ts';
import type { Accel, GuestPlan } from '../vm/plan.ts';
import type { Progress } from '../vm/progress.ts';
import { hostTscKhz } from '../vm/qemu/tsc.ts';
import { buildRootfs, type Rootfs } from '../vm/rootfs/build.ts';
import { checkSandbox } from '../vm/rootfs/sandbox.ts';
import type { Built } from './suites/suite.ts';

export interface GuestOptions {
  kernel: string;
  /** What it is compiled with, where it is compiled here. */
  flavour?: string | undefined;
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
  built: Built | null;
  plan: GuestPlan;
  accel: AccelVerdict;
}

/** Builds the tests for a kernel; see `buildSuite`. */
export type Builder = (at: { rootfs: Rootfs; kernel: Kernel; progress: Progress }) => Promise<Built>;

/**
 * Gets the root file system, the kernel and, where there are any to build, tests: whatever of it is not in the cache
 * yet.
 *
 * @throws UsageTrouble for a kernel or tests that do not exist; Trouble for what the machine lacks
 */
export async function prepare(
  options: GuestOptions,
  builder: Builder | null,
  progress: Progress,
): Promise<Prepared> {
  // First of all: a misspelt name should not cost a download.
  const getKernel = await wantedKernel(options.kernel, options.flavour);
  await checkSandbox();
  const rootfs = await buildRootfs(progress);
  const kernel = await getKernel(rootfs, progress);
  const built = builder ? await builder({ rootfs, kernel, progress }) : null;
  const initramfs = await buildInitramfs(rootfs, kernel, progress);
  const layers = [rootfs.image, kernel.layer, ...(built?.layers ?? [])];
  const guest = { kernel, initramfs, layers, cpus: options.cpus, memoryMb: options.memoryMb };
  const append = options.append ?? [];
  const accel =
    options.accel === 'auto'
      ? await probeAccel(rootfs, guest, progress)
      : { accel: options.accel, reason: `${options.accel.toUpperCase()} was asked for` };
  const tscKhz = accel.accel === 'tcg' ? await hostTscKhz(rootfs) : null;
  return { rootfs, kernel, built, plan: { ...guest, accel: accel.accel, tscKhz, append }, accel };
}
