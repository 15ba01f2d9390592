// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { counter, removeFolder } from './group-files.ts';
import { groupPlace, PREFIX } from './group-place.ts';
import type { GroupLimits, Limits } from './limits.ts';

/** A control group of version 2 that one sandbox runs in. */
export interface Group {
  /** Goes before the command line: what it starts is in the group from its first instruction. */
  prefix: string[];
  /** The limit that was reached so far, if any. */
  excess(): keyof Limits | null;
  /** Ends what is still in it, and removes it. */
  remove(): Promise<void>;
}

/** In which a group's share of time is counted: the kernel's own value. */
const PERIOD_US = 100_000;

let made = 0;

/** A new group with the limits of memory, processes and processors; null where none can be made. */
export function makeGroup({
  memoryBytes,
  processes,
  cpus,
}: Pick<Limits, 'memoryBytes' | 'processes'> & GroupLimits): Group | null {
  const place = groupPlace();
  if (!place) return null;
  const name = `${PREFIX}${process.pid}-${made++}`;
  const path = join(place.path, place.kind === 'folder' ? name : `${name}.scope`);
  const bytes = Number.isFinite(memoryBytes) ? String(Math.round(memoryBytes)) : null;
  const tasks = Number.isFinite(processes) ? String(processes) : null;
  let prefix: string[];
  if (place.kind === 'folder') {
    try {
      mkdirSync(path);
      const write = (file: string, text: string) => writeFileSync(join(path, file), text);
      write('memory.max', bytes ?? 'max');
      write('pids.max', tasks ?? 'max');
      // All of it or nothing: a build that lost one compiler fails for no visible reason.
      write('memory.oom.group', '1');
      if (bytes && existsSync(join(path, 'memory.swap.max'))) write('memory.swap.max', '0');
      if (cpus && existsSync(join(path, 'cpu.max'))) write('cpu.max', `${cpus * PERIOD_US} ${PERIOD_US}`);
    } catch {
      removeFolder(path);
      return null;
    }
    prefix = ['sh', '-c', 'echo 0 >"$0" && exec "$@"', join(path, 'cgroup.procs')];
  } else {
    const properties = [
      `MemoryMax=${bytes ?? 'infinity'}`,
      `TasksMax=${tasks ?? 'infinity'}`,
      ...(bytes ? ['MemorySwapMax=0'] : []),
      ...(cpus ? [`CPUQuota=${cpus * 100}%`] : []),
    ];
    prefix = [
      'systemd-run',
      ...place.manager,
      '--scope',
      '--quiet',
      '--collect',
      `--slice=${place.slice}`,
      `--unit=${name}`,
      ...properties.flatMap((property) => ['-p', property]),
    ];
  }
  // systemd removes a scope with its last process, and its counters with it; its slice counts on.
  const above = join(place.path, 'memory.events');
  const before = counter(above, 'oom_kill');
  const systemd = place.kind === 'systemd';
  return {
    prefix,
    excess: () => {
      if (counter(join(path, 'memory.events'), 'oom_kill') > 0) return 'memoryBytes';
      if (counter(join(path, 'pids.events'), 'max') > 0) return 'processes';
      return systemd && !existsSync(path) && counter(above, 'oom_kill') > before ? 'memoryBytes' : null;
    },
    remove: async () => {
      if (systemd) return;
      for (let tries = 0; tries < 50 && !removeFolder(path); tries++) {
        try {
          // Since Linux 5.14.
          writeFileSync(join(path, 'cgroup.kill'), '1');
        } catch {}
        await sleep(20);
      }
    },
  };
}
