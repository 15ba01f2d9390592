// SPDX-License-Identifier: GPL-2.0-only
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootOptions, Machine } from '../machine.ts';
import { BootTrouble } from '../trouble.ts';
import type { Ends } from './ends.ts';
import { bootQemu, machineOf, within } from './machine.ts';
import { startQemu } from './process.ts';
import {
  CONSOLE_FILE,
  dropSnapshot,
  getSnapshot,
  ignoreSharedMemory,
  migrated,
  type Snapshot,
  STATE_FILE,
} from './snapshot.ts';
import type { Qemu } from './supervise.ts';

/** A guest goes on within a second; one that has not after this, and after twice its boot, never will. */
const PATIENCE_MS = 15_000;

/**
 * A machine out of a snapshot of the booted guest, which is made where there is none. Where it does not come up, the
 * snapshot is made again, once; where that is no use either, the guest is booted. Each is told to `onNote`.
 *
 * @throws BootTrouble where the guest does not boot at all; Trouble where QEMU cannot be started
 */
export async function restoreQemu(options: BootOptions): Promise<Machine> {
  const { onNote = () => {}, signal } = options;
  for (let attempt = 1; attempt <= 2; attempt++) {
    let snapshot: Snapshot;
    try {
      snapshot = await getSnapshot(options, onNote);
    } catch (error) {
      if (error instanceof BootTrouble || signal?.aborted) throw error;
      onNote(`No snapshot could be made (${firstLine(error)}): booting instead.`);
      return bootQemu(options);
    }
    try {
      return await resume(options, snapshot);
    } catch (error) {
      if (signal?.aborted) throw error;
      onNote(`The snapshot ${snapshot.dir} did not come up (${firstLine(error)}): making it again.`);
      await dropSnapshot(snapshot);
    }
  }
  onNote('A new snapshot did not come up either: booting instead.');
  return bootQemu(options);
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0]!;
}

async function resume(options: BootOptions, snapshot: Snapshot): Promise<Machine> {
  const { dir, facts } = snapshot;
  const began = performance.now();
  const patienceMs = Math.min(options.timeoutMs, Math.max(PATIENCE_MS, 2 * facts.bootMs));
  const qemu: Qemu = await startQemu(options, { dir, use: 'resume' });
  return within(qemu, { ...options, timeoutMs: patienceMs }, async () => {
    const ended = qemu.ended.then(({ why }) => Promise.reject(new Error(why)));
    const ends = await Promise.race([qemu.ends, ended]);
    // What was said while booting belongs to every machine that goes on from there.
    qemu.console.push(await readFile(join(dir, CONSOLE_FILE)));
    await Promise.race([goOn(ends, dir, patienceMs), ended]);
    return machineOf(qemu, ends, options, facts.hello, performance.now() - began);
  });
}

async function goOn({ monitor, guest }: Ends, dir: string, timeoutMs: number): Promise<void> {
  await ignoreSharedMemory(monitor);
  await monitor.execute('migrate-incoming', { uri: `file:${join(dir, STATE_FILE)}` }, timeoutMs);
  await migrated(monitor, timeoutMs);
  await monitor.execute('cont', {}, timeoutMs);
  // Guests of one snapshot must differ in what is random, and know what time it is.
  await guest.refresh({ timeUs: Date.now() * 1000, seed: randomBytes(32) }, timeoutMs);
}
