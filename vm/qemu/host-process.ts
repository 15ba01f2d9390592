// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile } from 'node:fs/promises';

export interface HostProcess {
  pid: number;
  parent: number;
  /** As the kernel cuts it: `qemu-system-x86`. */
  name: string;
  /** `R` `S` `D` `T` `t` `Z` …: proc_pid_stat(5). */
  state: string;
}

/** /proc/PID/stat: `7 (name) S 1 …`, where the name may hold anything; null for what is not such a line. */
export function parseStat(stat: string): HostProcess | null {
  const found = /^(\d+) \((.*)\) (\S) (\d+) /s.exec(stat);
  return found && { pid: Number(found[1]), name: found[2]!, state: found[3]!, parent: Number(found[4]) };
}

async function processes(): Promise<HostProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.map(parseStat).filter((found) => found !== null);
}

/** QEMU's own process below the sandbox's; null where it is not there (any more). */
export async function qemuBelow(pid: number): Promise<HostProcess | null> {
  const all = await processes();
  const below = new Set([pid]);
  for (let grown = true; grown; ) {
    const more = all.filter((one) => below.has(one.parent) && !below.has(one.pid));
    for (const one of more) below.add(one.pid);
    grown = more.length > 0;
  }
  return all.find((one) => below.has(one.pid) && one.name.startsWith('qemu-system')) ?? null;
}
