// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ of x86 Linux

interface Process {
  pid: number;
  parent: number;
  name: string;
  /** User and system time of its own. */
  own: number;
  /** The same with that of its children that have ended. */
  ticks: number;
}

/** proc_pid_stat(5); none where it has ended meanwhile. */
function readProcess(pid: number): Process[] {
  try {
    const [, name, rest] = /^\d+ \((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
    const fields = rest!.split(' ').map(Number);
    const own = fields[11]! + fields[12]!;
    return [{ pid, parent: fields[1]!, name: name!, own, ticks: own + fields[13]! + fields[14]! }];
  } catch {
    return [];
  }
}

/** A process and all below it. */
function familyOf(root: number): Process[] {
  const processes = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? readProcess(Number(name)) : [],
  );
  const family = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of processes)
      if (family.has(parent) && !family.has(pid)) grown = Boolean(family.add(pid));
  }
  return processes.filter(({ pid }) => family.has(pid));
}

/** User and system seconds used so far by a process and all below it. */
export function cpuSeconds(root: number): number {
  return familyOf(root).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}

/** User and system seconds of all guests that run below a process until it ends, of each as it was seen last. */
export async function guestSeconds(root: number, ended: Promise<unknown>): Promise<number> {
  const ticks = new Map<number, number>();
  const look = () => {
    for (const { pid, name, own } of familyOf(root)) if (name.startsWith('qemu-system')) ticks.set(pid, own);
  };
  const timer = setInterval(look, 250);
  await ended;
  clearInterval(timer);
  return [...ticks.values()].reduce((sum, own) => sum + own, 0) / TICKS_PER_SECOND;
}
