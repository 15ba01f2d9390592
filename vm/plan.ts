// SPDX-License-Identifier: GPL-2.0-only
import type { Kernel } from './kernel/kernel.ts';

export type Accel = 'kvm' | 'tcg';

/** The guest that is wanted, for every driver. */
export interface GuestPlan {
  kernel: Kernel;
  initramfs: string;
  /** erofs images, the root file system's first; later ones cover earlier ones. */
  layers: string[];
  cpus: number;
  memoryMb: number;
  accel: Accel;
  /** Added to the kernel's command line. */
  append?: string[];
}
