// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ of x86 Linux

interface Process {
  pid: number;
  parent: number;
  ticks: number;
}

/** User and system time of one process and of those of its children that have ended: proc_pid_stat(5). */
function readProcess(pid: number): Process[] {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    return [{ pid, parent: fields[1]!, ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]! }];
  } catch {
    return [];
  }
}

/** User and system seconds used so far by a process and all below it. */
export function cpuSeconds(root: number): number {
  const processes = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? readProcess(Number(name)) : [],
  );
  const family = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of processes)
      if (family.has(parent) && !family.has(pid)) grown = Boolean(family.add(pid));
  }
  const ticks = processes
    .filter(({ pid }) => family.has(pid))
    .reduce((sum, process) => sum + process.ticks, 0);
  return ticks / TICKS_PER_SECOND;
}
