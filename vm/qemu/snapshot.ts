// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cached, cacheFolder, hashOf, listEntries } from '../cache.ts';
import type { Hello } from '../guest/protocol.ts';
import { takeLock } from '../lock.ts';
import type { BootOptions } from '../machine.ts';
import type { Progress } from '../progress.ts';
import { inSandbox } from '../rootfs/sandbox.ts';
import { Trouble } from '../trouble.ts';
import { MEMORY_FILE, qemuCommand } from './command.ts';
import { firstWord, within } from './machine.ts';
import { againWhereQemuCrashes } from './own-crash.ts';
import { startQemu } from './process.ts';
import type { Qmp } from './qmp.ts';
import type { Qemu } from './supervise.ts';
import { learnSymbols } from './symbols.ts';

/** Raised when what is in a snapshot changes. */
const SNAPSHOT_VERSION = 1;
export const STATE_FILE = 'state';
export const CONSOLE_FILE = 'console';
/** Of one kernel; each is as large as what the booted guest has touched of its memory, some 250 MiB. */
const KEPT_PER_KERNEL = 4;
const KEPT_MS = 14 * 24 * 3600 * 1000;
const SAVE_TIMEOUT_MS = 120_000;

interface SnapshotFacts {
  /** Tells this snapshot from another with the same name. */
  id: string;
  kernel: string;
  hello: Hello;
  /** How long the boot took that was saved. */
  bootMs: number;
  /** SHA-256 of the devices' state: small enough to be read in full every time. */
  state: string;
  /** Whole seconds since 1970 in which the memory was last written to. */
  memoryWrittenS: number;
}

export interface Snapshot {
  dir: string;
  facts: SnapshotFacts;
}

/** What a file is, without reading all of it: one that was made anew under the same name is another. */
async function identity(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${basename(path)} ${size} ${Math.floor(mtimeMs / 1000)}`;
}

/** With KVM the guest sees this processor; with TCG always the same. */
async function processor({ accel }: BootOptions['plan']): Promise<string> {
  if (accel === 'tcg') return 'tcg';
  const lines = (await readFile('/proc/cpuinfo', 'utf8')).split('\n\n')[0]!.split('\n');
  return lines.filter((line) => /^(vendor_id|model|stepping|microcode|flags)/.test(line)).join('\n');
}

/** The snapshot's name: everything that the guest's memory and its devices depend on. */
async function snapshotKey({ plan, rootfs }: BootOptions): Promise<string> {
  const files = [plan.kernel.vmlinux, plan.initramfs, ...plan.layers];
  return hashOf(
    String(SNAPSHOT_VERSION),
    // QEMU is the root file system's.
    rootfs.hash,
    ...(await Promise.all(files.map(identity))),
    ...qemuCommand(plan, '/', { dir: '/', use: 'make' }),
    await processor(plan),
  );
}

/** Why a snapshot is not what was saved; null where it is. The cache has looked at sizes, beginnings and ends. */
async function faultOf({ dir, facts }: Snapshot): Promise<string | null> {
  if ((await hashFile(join(dir, STATE_FILE))) !== facts.state) return 'the devices’ state was changed';
  if ((await writtenS(join(dir, MEMORY_FILE))) !== facts.memoryWrittenS) return 'the memory was written to';
  return null;
}

async function hashFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

async function writtenS(path: string): Promise<number> {
  return Math.floor((await stat(path)).mtimeMs / 1000);
}

/** Waits until a migration, to or from a file, is over. @throws Trouble where it failed */
export async function migrated(monitor: Qmp, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = (await monitor.execute('query-migrate', {}, timeoutMs)) as Record<string, unknown>;
    if (found.status === 'completed') return;
    if (found.status === 'failed' || performance.now() > end)
      throw new Trouble({ happened: `QEMU’s migration is ${found.status}: ${found['error-desc'] ?? ''}` });
    await sleep(5);
  }
}

/** Memory that is in the file already is neither written to the stream nor expected in it. */
export async function ignoreSharedMemory(monitor: Qmp): Promise<void> {
  await monitor.execute('migrate-set-capabilities', {
    capabilities: [{ capability: 'x-ignore-shared', state: true }],
  });
}

/** Boots, lets the guest touch what every test will, and writes it all to `dir`. */
async function record(options: BootOptions, dir: string): Promise<SnapshotFacts> {
  const { plan, rootfs } = options;
  const began = performance.now();
  const qemu: Qemu = await startQemu(options, { dir, use: 'make' });
  const { hello, bootMs } = await within(qemu, options, async () => {
    const { ends, hello } = await firstWord(qemu);
    const bootMs = performance.now() - began;
    for (const argv of [['/bin/true'], ['/bin/true'], ['/bin/sh', '-c', ':']])
      await ends.guest.exec({ argv }).exit;
    await learnSymbols(ends.guest, plan.kernel);
    await ends.monitor.execute('stop');
    await ignoreSharedMemory(ends.monitor);
    await ends.monitor.execute('migrate', { uri: `file:${join(dir, STATE_FILE)}` });
    await migrated(ends.monitor, SAVE_TIMEOUT_MS);
    await writeFile(join(dir, CONSOLE_FILE), qemu.console.slice(0, qemu.console.position));
    qemu.end('stopped', 'saved');
    await ends.monitor.execute('quit').catch(() => {});
    await qemu.ended;
    await qemu.dispose();
    return { hello, bootMs };
  });
  // Pages that the guest only read, or freed and cleared, need no room on the disk.
  const memory = join(dir, MEMORY_FILE);
  await inSandbox({ root: rootfs.tree, writable: [dir] }, ['fallocate', '--dig-holes', memory], {
    reject: false,
  });
  return {
    id: randomUUID(),
    kernel: basename(plan.kernel.dir),
    hello,
    bootMs,
    state: await hashFile(join(dir, STATE_FILE)),
    memoryWrittenS: await writtenS(memory),
  };
}

/**
 * The snapshot of a booted guest, made where there is none.
 *
 * @param onNote told where a snapshot was found damaged
 * @throws BootTrouble where the guest does not boot; Trouble where it cannot be saved
 */
export async function getSnapshot(options: BootOptions, onNote: (text: string) => void): Promise<Snapshot> {
  const key = await snapshotKey(options);
  const progress: Progress = { step: () => ({ update: () => {}, note: onNote, done: () => {} }) };
  const entry = await cached<SnapshotFacts>({
    dir: join(await cacheFolder('snapshot'), `${options.plan.kernel.release}-${key}`),
    title: 'Snapshot of the booted guest',
    expectedMs: 10_000,
    needBytes: options.plan.memoryMb * 2 ** 20,
    progress,
    build: async (dir) => {
      const facts = await againWhereQemuCrashes(() => record(options, dir), onNote);
      return { facts, files: [MEMORY_FILE, STATE_FILE, CONSOLE_FILE], said: 'saved' };
    },
  });
  const snapshot = { dir: entry.dir, facts: entry.facts };
  const fault = await faultOf(snapshot);
  if (fault && !entry.built) {
    onNote(`The snapshot ${entry.dir} is damaged (${fault}): making it again.`);
    await dropSnapshot(snapshot);
    return getSnapshot(options, onNote);
  }
  const now = new Date();
  await utimes(entry.dir, now, now).catch(() => {});
  if (entry.built) await pruneSnapshots(basename(entry.dir));
  return snapshot;
}

/** Throws a snapshot away, unless another process has made it anew meanwhile. Guests that run on it go on. */
export async function dropSnapshot({ dir, facts }: Snapshot): Promise<void> {
  const lock = await takeLock(`${dir}.lock`);
  try {
    const entry = await readFile(join(dir, 'entry.json'), 'utf8').catch(() => null);
    if (entry !== null && JSON.parse(entry).facts.id === facts.id) await remove(dir);
  } finally {
    await lock.release();
  }
}

/** In one step, so that nobody finds half of it. */
async function remove(dir: string): Promise<void> {
  const gone = join(dirname(dir), `.dropped-${randomUUID()}`);
  await rename(dir, gone).catch(() => {});
  await rm(gone, { recursive: true, force: true });
}

/** Removes what was not used for two weeks, and of each kernel all but the four used last. */
export async function pruneSnapshots(keep: string): Promise<void> {
  const entries = await listEntries<SnapshotFacts>('snapshot');
  const counts = new Map<string, number>();
  for (const { dir, name, facts, usedAt } of entries.sort(
    (a, b) => b.usedAt.getTime() - a.usedAt.getTime(),
  )) {
    const kernel = facts?.kernel ?? '';
    const count = (counts.get(kernel) ?? 0) + 1;
    counts.set(kernel, count);
    const isOld = Date.now() - usedAt.getTime() > KEPT_MS;
    if (name !== keep && (isOld || count > KEPT_PER_KERNEL)) await remove(dir);
  }
}
