// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { type Prepared, prepare } from '../../runner/setup.ts';
import { silent } from '../../vm/progress.ts';
import { bootQemu } from '../../vm/qemu/machine.ts';
import { type Bench, measured } from './bench.ts';

const TICKS_PER_SECOND = 100; // USER_HZ of x86 Linux

/** User and system seconds used so far by a process and all below it, from /proc/PID/stat. */
function cpuSeconds(root: number): number {
  const processes = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
        .map(Number);
      return [
        {
          pid: Number(name),
          parent: fields[1]!,
          ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]!,
        },
      ];
    } catch {
      return [];
    }
  });
  const family = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of processes)
      if (family.has(parent) && !family.has(pid)) grown = Boolean(family.add(pid));
  }
  return (
    processes.filter(({ pid }) => family.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) /
    TICKS_PER_SECOND
  );
}

interface Sample {
  wallS: number;
  cpuS: number;
  noopMs: number[];
}

/** Boots to the first command's end, then runs a no-op test many times. */
async function ours(prepared: Prepared, noops: number): Promise<Sample> {
  const began = performance.now();
  const machine = await bootQemu({ rootfs: prepared.rootfs, plan: prepared.plan, timeoutMs: 300_000 });
  try {
    const noop = { argv: ['/bin/true'], mark: true };
    await machine.exec(noop).exit;
    const wallS = (performance.now() - began) / 1000;
    const cpuS = cpuSeconds(machine.pid);
    const noopMs: number[] = [];
    for (let i = 0; i < noops; i++) {
      const from = performance.now();
      await machine.exec(noop).exit;
      noopMs.push(performance.now() - from);
    }
    return { wallS, cpuS, noopMs };
  } finally {
    await machine.dispose();
  }
}

export const bench: Bench = {
  summary: 'boot to the end of the first command, and the round trip of a no-op test',
  run: async ({ quick, note }) => {
    const prepared = await prepare(
      { kernel: 'deb:6.12', cpus: 2, memoryMb: 2048, accel: 'auto' },
      null,
      silent,
    );
    note(`${prepared.kernel.release}, ${prepared.accel.reason}`);
    const repeats = quick ? 2 : 5;
    const samples: Sample[] = [];
    for (let i = 0; i < repeats; i++) {
      samples.push(await ours(prepared, quick ? 10 : 30));
      note(`boot ${i + 1} of ${repeats}: ${samples.at(-1)!.cpuS.toFixed(1)} CPU s`);
    }
    const tcg = prepared.plan.accel === 'tcg';
    return [
      measured(
        'boot to first command, CPU',
        's',
        samples.map(({ cpuS }) => cpuS),
        tcg ? 12 : 4,
      ),
      measured(
        'boot to first command, wall',
        's',
        samples.map(({ wallS }) => wallS),
        null,
      ),
      measured(
        'no-op test, round trip, wall',
        'ms',
        samples.flatMap(({ noopMs }) => noopMs),
        tcg ? 410 : 50,
      ),
    ];
  },
};
