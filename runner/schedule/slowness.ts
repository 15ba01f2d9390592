// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from '../../vm/machine.ts';
import type { Rootfs } from '../../vm/rootfs/build.ts';
import { inSandbox } from '../../vm/rootfs/sandbox.ts';

/** What shell selftests spend their time on: starting programs, and the shell itself. */
const WORKLOAD =
  'i=0; while [ $i -lt 20 ]; do /bin/true; i=$((i+1)); done; while [ $i -lt 5000 ]; do i=$((i+1)); done';
const MAX_FACTOR = 10;
const PATIENCE_MS = 120_000;

/** Kills a guest that fell silent right after it had answered, so that nobody waits for it. */
async function within<T>(machine: Machine, answer: Promise<T>): Promise<T> {
  const timer = setTimeout(
    () => void machine.kill('the guest hangs: its first program did not end'),
    PATIENCE_MS,
  );
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * How many times slower the guest is than the host, measured with the same program of the same root file
 * system on both: the factor by which time-outs made for real machines are stretched. Between 1 and 10:
 * a hang must still be found.
 */
export async function slowFactor(machine: Machine, rootfs: Rootfs): Promise<number> {
  const argv = ['/bin/sh', '-c', WORKLOAD];
  // Warm on both sides: the first run pays for reading the files.
  await within(machine, machine.exec({ argv }).exit);
  const guest = await within(machine, machine.exec({ argv }).exit);
  const began = performance.now();
  await inSandbox({ root: rootfs.tree }, argv);
  const hostMs = performance.now() - began;
  return Math.min(MAX_FACTOR, Math.max(1, Math.round((guest.durationMs / hostMs) * 10) / 10));
}
