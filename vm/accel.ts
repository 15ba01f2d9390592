// SPDX-License-Identifier: GPL-2.0-only
import { access, constants } from 'node:fs/promises';
import { keepUntilBoot, knownSinceBoot } from './host-boot.ts';
import type { Accel, GuestPlan } from './plan.ts';
import type { Progress } from './progress.ts';
import { bootQemu } from './qemu/machine.ts';
import type { Rootfs } from './rootfs/build.ts';
import { BootTrouble } from './trouble.ts';

export interface AccelVerdict {
  accel: Accel;
  /** Why, in a sentence. */
  reason: string;
}

/** A guest that works answers within two seconds or so; a busy machine gets patience, since the answer is kept. */
const PROBE_TIMEOUT_MS = 20_000;

/** What the probe of this boot of the host found; null where none has been made. */
export function knownAccel(): Promise<AccelVerdict | null> {
  return knownSinceBoot('accel');
}

/** Why KVM cannot even be tried; null where it can. */
export async function kvmObstacle(): Promise<string | null> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
    return null;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing ? '/dev/kvm does not exist' : '/dev/kvm may not be opened (add yourself to the group kvm)';
  }
}

/**
 * Whether KVM works here, found out by booting the very guest that is wanted: nested and para-virtual
 * hypervisors offer a `/dev/kvm` on which guests hang for ever. Asked once per boot of the host.
 */
export async function probeAccel(
  rootfs: Rootfs,
  plan: Omit<GuestPlan, 'accel'>,
  progress: Progress,
): Promise<AccelVerdict> {
  // Not kept: it may be mended at any time.
  const obstacle = await kvmObstacle();
  if (obstacle) return { accel: 'tcg', reason: `${obstacle}: TCG, which is slow` };
  const known = await knownAccel();
  if (known) return known;
  const step = progress.step('KVM probe', PROBE_TIMEOUT_MS);
  const verdict = await probe(rootfs, plan);
  await keepUntilBoot('accel', verdict);
  step.done(verdict.reason);
  return verdict;
}

async function probe(rootfs: Rootfs, plan: Omit<GuestPlan, 'accel'>): Promise<AccelVerdict> {
  try {
    const machine = await bootQemu({ rootfs, plan: { ...plan, accel: 'kvm' }, timeoutMs: PROBE_TIMEOUT_MS });
    const { bootMs } = machine;
    await machine.kill('the probe is over');
    await machine.dispose();
    return { accel: 'kvm', reason: `KVM works: a guest answered after ${(bootMs / 1000).toFixed(1)} s` };
  } catch (error) {
    // A kernel that got as far as to panic ran on KVM.
    if (error instanceof BootTrouble && error.console.includes('Kernel panic'))
      return { accel: 'kvm', reason: 'KVM works: a guest came as far as to panic' };
    const what = (error as Error).message.split('\n')[0];
    return { accel: 'tcg', reason: `/dev/kvm is there but does not work (${what}): TCG, which is slow` };
  }
}
