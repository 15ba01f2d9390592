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
  /** The rate of the guest's time stamp counter, where it is known and the guest cannot tell it well: under TCG. */
  tscKhz?: number | null;
  /** Added to the kernel's command line. */
  append?: string[];
}
