// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheRoot, hashOf } from '../cache.ts';
import { buildLimits, type Limits } from '../limits/limits.ts';
import { seccompFilter } from '../limits/seccomp.ts';

/**
 * On the host, before bubblewrap: the first victim where memory runs out, and the filter of system calls as
 * descriptor 9. Arguments: the filter's file, then the command.
 */
const OUTSIDE = 'echo 1000 >/proc/self/oom_score_adj; exec 9<"$1"; shift; exec "$@"';

/** The filter is made of x86-64's numbers. Elsewhere bubblewrap alone has to keep user namespaces away. */
export const filtered = process.arch === 'x64';

/**
 * What comes before bubblewrap. An empty environment: bubblewrap's own can be read inside, in /proc/1/environ. A core
 * limit of one byte: with 0, a handler that the host has set (core_pattern) would still be started, as its root
 * (fs/coredump.c).
 */
export function outside({ diskBytes, cpuSeconds }: Limits): string[] {
  const limits = ['--core=1', `--fsize=${rlimit(diskBytes)}`, `--cpu=${rlimit(cpuSeconds + 5)}`];
  const filter = filtered ? filterFile() : '/dev/null';
  return [
    'env',
    '-i',
    `PATH=${process.env.PATH ?? '/usr/bin:/bin'}`,
    'prlimit',
    ...limits,
    'sh',
    '-c',
    OUTSIDE,
    'sandbox',
    filter,
  ];
}

/** bubblewrap reads the filter from a descriptor, and a command line can open only files. */
function filterFile(): string {
  const filter = seccompFilter();
  const path = join(cacheRoot(), 'sandbox', `${hashOf(filter)}.seccomp`);
  try {
    if (readFileSync(path).equals(filter)) return path;
  } catch {}
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, filter);
  renameSync(temporary, path);
  return path;
}

/**
 * Whether RLIMIT_NPROC is about the sandbox alone, as since Linux 5.14. Before, all that its user runs counts, of which
 * a guest's few are no measure.
 */
const countedApart = isSince(release(), 5, 14);

function isSince(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return first > major || (first === major && second >= minor);
}

/** What `ulimit -u` is to be given inside. */
export function processLimit({ processes }: Limits): string {
  return rlimit(countedApart ? processes : Math.max(processes, buildLimits().processes));
}

function rlimit(value: number): string {
  return Number.isFinite(value) ? String(Math.ceil(value)) : 'unlimited';
}
