// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync, type Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What a process and all below it use at this moment. */
export interface Usage {
  /** Resident memory without files': programs and libraries are shared by all that run them. */
  memoryBytes: number;
  /** Threads, as cgroup's pids controller counts. */
  processes: number;
  /** With that of children that have been waited for. */
  cpuSeconds: number;
}

/** USER_HZ, which is 100 on every architecture that Debian has. */
const TICKS = 100;

/** Reads a file of /proc; empty where the process has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/**
 * Adds up what `root` and its descendants use (proc_pid_stat(5), proc_pid_status(5), /proc/PID/task/TID/children). Whoever is in a PID
 * namespace cannot leave the tree: orphans become children of its first process. What forks faster than we read is
 * found at the next look, or by `stopAt`.
 *
 * @param stopAt no more processes than that are looked at: enough to know that it is too many
 */
export function usageOf(root: number, stopAt: number): Usage {
  const usage: Usage = { memoryBytes: 0, processes: 0, cpuSeconds: 0 };
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined && usage.processes <= stopAt; pid = waiting.pop()) {
    // The name may hold anything, also `) `: fields are counted from the last one.
    const stat = read(`/proc/${pid}/stat`);
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    if (fields.length < 18) continue;
    const times = fields.slice(11, 15) as [number, number, number, number];
    usage.cpuSeconds += times.reduce((sum, ticks) => sum + ticks, 0) / TICKS;
    usage.processes += fields[17]!;
    for (const [, kib] of read(`/proc/${pid}/status`).matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm))
      usage.memoryBytes += Number(kib) * 1024;
    for (const thread of threadsOf(pid))
      waiting.push(...read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number));
  }
  return usage;
}

/** Bytes on the disk of all below the folders, symbolic links not followed; what vanishes meanwhile is not counted. */
export async function diskUsage(folders: string[]): Promise<number> {
  let bytes = 0;
  const waiting = [...folders];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const found: Stats | null = await lstat(path).catch(() => null);
    if (!found) continue;
    bytes += found.blocks * 512;
    if (!found.isDirectory()) continue;
    for (const name of await readdir(path).catch(() => [])) waiting.push(join(path, name));
  }
  return bytes;
}
