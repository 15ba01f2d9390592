// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestPlan } from '../../vm/plan.ts';

/** Memory that can be had now, and who says so. */
export interface FreeMemory {
  mb: number;
  by: string;
}

/**
 * QEMU's own beside its guest's memory. Under TCG it keeps the code that it translates, up to 1 GiB: 267 MiB were seen
 * with a guest of 512 MiB that a test had filled, twice that is reckoned with. With KVM it is an estimate.
 */
const OVERHEAD_MB = { tcg: 512, kvm: 192 };

export function machineMb({ memoryMb, accel }: Pick<GuestPlan, 'memoryMb' | 'accel'>): number {
  return memoryMb + OVERHEAD_MB[accel];
}

export interface Admission {
  jobs: number;
  /** Why it is fewer than was asked for, or more than there is room for; null where all is well. */
  told: string | null;
}

/** How many of the VMs that were asked for there is memory for. One is always tried: a guest rarely uses all of its own. */
export function admit(
  jobs: number,
  plan: Pick<GuestPlan, 'memoryMb' | 'accel'>,
  free: FreeMemory,
): Admission {
  const each = machineMb(plan);
  const fitting = Math.floor(free.mb / each);
  if (fitting >= jobs) return { jobs, told: null };
  const room = `${free.mb} MiB are free (${free.by}), and a VM takes up to ${each} MiB`;
  if (fitting < 1)
    return { jobs: 1, told: `Memory may not suffice: ${room}. --memory makes guests smaller.` };
  return { jobs: fitting, told: `${fitting} of ${jobs} VMs: ${room}.` };
}

/** What the kernel would give without swapping, and what the control groups that we are in leave. */
export async function freeMemory(root = '/'): Promise<FreeMemory> {
  const all = [await available(root), ...(await groupLimits(root))];
  return all.reduce((least, one) => (one.mb < least.mb ? one : least));
}

async function available(root: string): Promise<FreeMemory> {
  const text = await readFile(join(root, 'proc/meminfo'), 'utf8').catch(() => '');
  const kb = /^MemAvailable: +(\d+) kB$/m.exec(text)?.[1];
  return { mb: kb ? Math.floor(Number(kb) / 1024) : Number.POSITIVE_INFINITY, by: 'MemAvailable' };
}

/** Every group from ours up to the root counts, of version 2 and of version 1's memory controller. */
async function groupLimits(root: string): Promise<FreeMemory[]> {
  const text = await readFile(join(root, 'proc/self/cgroup'), 'utf8').catch(() => '');
  const found: FreeMemory[] = [];
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    const isV1 = controllers!.split(',').includes('memory');
    if (!isV1 && controllers !== '') continue;
    const files = isV1 ? V1 : V2;
    for (const group of upwards(path)) {
      const mb = await leftIn(join(root, files.mount, group), files);
      if (mb !== null) found.push({ mb, by: `the limit of control group ${group}` });
    }
  }
  return found;
}

const V2 = { mount: 'sys/fs/cgroup', max: 'memory.max', used: 'memory.current', cache: 'inactive_file' };
const V1 = {
  mount: 'sys/fs/cgroup/memory',
  max: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  cache: 'total_inactive_file',
};

function upwards(path: string): string[] {
  const parts = path.split('/').filter(Boolean);
  return parts.map((_, i) => `/${parts.slice(0, parts.length - i).join('/')}`).concat('/');
}

/** The limit less what is used and cannot be dropped, in MiB; null where there is none. */
async function leftIn(dir: string, files: typeof V2): Promise<number | null> {
  const read = (name: string) => readFile(join(dir, name), 'utf8').catch(() => '');
  const max = Number.parseInt(await read(files.max), 10);
  const used = Number.parseInt(await read(files.used), 10);
  // Version 1 says 2^63 less a page for none.
  if (!Number.isFinite(max) || !Number.isFinite(used) || max > 2 ** 60) return null;
  const cache = Number(new RegExp(`^${files.cache} (\\d+)$`, 'm').exec(await read('memory.stat'))?.[1] ?? 0);
  return Math.max(0, Math.floor((max - used + cache) / 2 ** 20));
}
