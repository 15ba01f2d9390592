// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from '../../vm/machine.ts';
import { shellInGuest } from './guest-command.ts';

const FILE = '/sys/kernel/debug/kmemleak';
const PATIENCE_MS = 300_000;

/**
 * An object is reported only where two scans find it unchanged and unreferenced, and not within its first five
 * seconds: MSECS_MIN_AGE and update_checksum() in mm/kmemleak.c.
 */
const SCAN_TWICE = `echo scan > ${FILE} && sleep 5 && echo scan > ${FILE} && cat ${FILE}`;

/** Forgets what was leaked before: a test answers for its own. */
export async function clearKmemleak(machine: Machine): Promise<void> {
  await shellInGuest(machine, `echo clear > ${FILE}`, PATIENCE_MS);
}

/**
 * What the kernel leaked since `clearKmemleak`, in its own words; empty for nothing. Takes two scans and five seconds.
 *
 * @throws GuestGone where the guest dies meanwhile
 */
export async function scanKmemleak(machine: Machine): Promise<Buffer> {
  const { code, signal, output } = await shellInGuest(machine, SCAN_TWICE, PATIENCE_MS);
  return code === 0 && signal === 0 ? output : Buffer.alloc(0);
}
