// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

interface Process {
  pid: number;
  parent: number;
  name: string;
  /** Tells two processes with one number apart: when it was started, in ticks since the host's boot. */
  started: string;
}

async function readProcess(pid: number): Promise<Process | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, name, state, rest] = /^\d+ \((.*)\) (\S) (.*)/s.exec(stat) ?? [];
  if (!rest || state === 'Z') return null;
  const fields = rest.split(' ');
  return { pid, parent: Number(fields[0]), name: name!, started: fields[18]! };
}

async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return (await Promise.all(pids.map(readProcess))).filter((found) => found !== null);
}

/** A process and all below it, at one moment. */
export interface Family {
  /** @throws Error where there is none of that name */
  find(name: string): number;
  /** Names of those that still run, after a moment for the host to tidy up. */
  survivors(): Promise<string[]>;
}

export async function familyOf(root: number): Promise<Family> {
  const all = await processes();
  const members = all.filter(({ pid }) => pid === root);
  for (const member of members) members.push(...all.filter(({ parent }) => parent === member.pid));
  const living = async () => {
    const now = await processes();
    return members.filter(({ pid, started }) =>
      now.some((other) => other.pid === pid && other.started === started),
    );
  };
  return {
    find: (name) => {
      const found = members.find((member) => member.name === name);
      if (!found) throw new Error(`no ${name} below process ${root}`);
      return found.pid;
    },
    survivors: async () => {
      for (let tries = 0; tries < 20 && (await living()).length > 0; tries++) await sleep(100);
      return (await living()).map(({ name }) => name);
    },
  };
}
