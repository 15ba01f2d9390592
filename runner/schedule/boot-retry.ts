// SPDX-License-Identifier: GPL-2.0-only
import { setTimeout as sleep } from 'node:timers/promises';
import { BootTrouble, DamageTrouble, Trouble, UsageTrouble } from '../../vm/trouble.ts';

/** A machine that is short of something for a moment has it again a little later. */
const PAUSE_MS = 2_000;
/** How often more, by whose fault it is. */
const RETRIES = {
  /** Ours: nothing was learnt of the kernel. */
  infrastructure: 2,
  /** The kernel's: once more tells one that comes up sometimes from one that never does. */
  kernel: 1,
};

const hopeless = [UsageTrouble, DamageTrouble];

export interface Booted<T> {
  value: T;
  /** Why it did not work at first; empty where it did. */
  failures: string[];
}

/**
 * Boots, and again where that failed: up to two more times where the infrastructure did, once more where the kernel
 * did not come up. What was asked for and does not exist, or is damaged, is not asked for twice.
 *
 * @param onRetry told why, before each new try
 * @throws what the last try threw
 */
export async function bootWithRetries<T>(
  boot: () => Promise<T>,
  signal: AbortSignal,
  onRetry: (text: string) => void,
  pauseMs = PAUSE_MS,
): Promise<Booted<T>> {
  const left = { ...RETRIES };
  const failures: string[] = [];
  for (;;) {
    try {
      return { value: await boot(), failures };
    } catch (error) {
      if (signal.aborted || !(error instanceof Trouble) || hopeless.some((kind) => error instanceof kind))
        throw error;
      const fault = error instanceof BootTrouble ? 'kernel' : 'infrastructure';
      if (left[fault]-- === 0) throw error;
      const why = error.message.split('\n')[0]!;
      failures.push(why);
      onRetry(
        `${fault === 'kernel' ? 'The kernel did not come up' : 'The guest could not be started'}: ${why} Trying again.`,
      );
      await sleep(pauseMs, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}
