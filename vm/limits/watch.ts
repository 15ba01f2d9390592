// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import type { Group } from './cgroup.ts';
import type { Limits } from './limits.ts';
import { diskUsage, usageOf } from './usage.ts';

/** A limit that was exceeded. */
export interface Excess {
  limit: keyof Limits;
  /** Where it is the machine itself that runs out of something: what. */
  hostLow?: string;
}

export interface Watched {
  pid: number;
  limits: Limits;
  /** Its writable folders. */
  folders: string[];
  /** With one the kernel holds memory and processes to their limits; without, we look. */
  group: Group | null;
  /** Where the machine's memory runs low, all who look would each end their own; of guests the kernel takes one. */
  guest?: boolean;
}

const LOOK_MS = 200;
/** Looking may take a tenth of the time of one processor. */
const REST = 10;
const DISK_FLOOR = 2 ** 30;
const DISK_OURS = 64 * 2 ** 20;

/** Bytes that are free for us below each folder, each file system once. */
async function freeSpace(folders: string[]): Promise<Map<number, { folder: string; bytes: number }>> {
  const free = new Map<number, { folder: string; bytes: number }>();
  for (const folder of folders) {
    const device = (await stat(folder).catch(() => null))?.dev;
    if (device === undefined || free.has(device)) continue;
    const { bavail, bsize } = await statfs(folder);
    free.set(device, { folder, bytes: bavail * bsize });
  }
  return free;
}

function availableMemory(): { bytes: number; floor: number } {
  const info = readFileSync('/proc/meminfo', 'utf8');
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(info)?.[1] ?? Number.NaN) * 1024;
  return { bytes: bytes('MemAvailable'), floor: Math.min(2 ** 28, bytes('MemTotal') / 32) };
}

/**
 * Looks at what a sandbox uses until it is told to stop, and says once what was exceeded. Whoever writes faster than
 * we look gets further, by what the disk takes in a fifth of a second.
 */
export function watch(
  { pid, limits, folders, group, guest }: Watched,
  onExcess: (excess: Excess) => void,
): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    clearTimeout(wall);
  };
  const tell = (excess: Excess) => {
    if (stopped) return;
    stop();
    onExcess(excess);
  };
  const wall = Number.isFinite(limits.wallMs)
    ? setTimeout(() => tell({ limit: 'wallMs' }), limits.wallMs)
    : undefined;
  const began = freeSpace(folders);

  /** What the folders can have grown by at most: what is gone from the disk since, and what is in them. */
  async function disk(): Promise<Excess | null> {
    const before = await began;
    let gone = 0;
    let low: string | null = null;
    for (const [device, { folder, bytes }] of await freeSpace(folders)) {
      const atFirst = before.get(device)?.bytes ?? bytes;
      gone += Math.max(0, atFirst - bytes);
      if (bytes < Math.min(DISK_FLOOR, atFirst / 2)) low = `the disk of ${folder} is nearly full`;
    }
    // To count files takes long; that so much is gone from the disk comes first.
    if (gone > limits.diskBytes && (await diskUsage(folders)) > limits.diskBytes)
      return { limit: 'diskBytes' };
    if (low && gone > DISK_OURS && (await diskUsage(folders)) > DISK_OURS)
      return { limit: 'diskBytes', hostLow: low };
    return null;
  }

  function processes(): Excess | null {
    const reached = group?.excess();
    if (reached) return { limit: reached };
    if (group && limits.cpuSeconds === Number.POSITIVE_INFINITY) return null;
    const usage = usageOf(pid, limits.processes);
    if (usage.cpuSeconds > limits.cpuSeconds) return { limit: 'cpuSeconds' };
    if (group) return null;
    if (usage.processes > limits.processes) return { limit: 'processes' };
    if (usage.memoryBytes > limits.memoryBytes) return { limit: 'memoryBytes' };
    if (guest) return null;
    const { bytes, floor } = availableMemory();
    return bytes < floor
      ? { limit: 'memoryBytes', hostLow: 'this machine’s memory is nearly used up' }
      : null;
  }

  async function look(): Promise<void> {
    const at = performance.now();
    // A folder that vanishes or a disk that fails is for the command itself to tell.
    const excess = processes() ?? (await disk().catch(() => null));
    if (excess) return tell(excess);
    if (!stopped) timer = setTimeout(look, Math.max(LOOK_MS, REST * (performance.now() - at)));
  }
  timer = setTimeout(look, LOOK_MS);
  return { stop };
}
