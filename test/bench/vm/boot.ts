// SPDX-License-Identifier: GPL-2.0-only
import type { Prepared } from '../../../runner/setup.ts';
import { findDriver } from '../../../vm/drivers.ts';
import type { Machine } from '../../../vm/machine.ts';
import { bootPlainVng } from '../../support/plain-vng.ts';
import { type BenchOptions, measured, type Row } from '../bench.ts';
import { cpuSeconds } from './cpu.ts';

const BOOT_TIMEOUT_MS = 600_000;

interface Sample {
  wallS: number;
  cpuS: number;
  noopMs: number[];
}

/** Starts a machine, waits for its first command to end, then runs a no-op test many times. */
async function sample(start: () => Promise<Machine>, noops: number): Promise<Sample> {
  const began = performance.now();
  const machine = await start();
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

/**
 * From the start of the driver to the end of the first command, for each way to get a machine, in turns so that a
 * busy host slows all alike; and the round trip of a no-op test.
 */
export async function benchBoot(
  prepared: Prepared,
  { quick, note }: BenchOptions,
): Promise<Omit<Row, 'bench'>[]> {
  const repeats = quick ? 1 : 5;
  const noops = quick ? 10 : 30;
  const options = { rootfs: prepared.rootfs, plan: prepared.plan, timeoutMs: BOOT_TIMEOUT_MS };
  const [qemu, virtme] = [findDriver('qemu'), findDriver('virtme')];
  const restore = () => qemu.restore!({ ...options, onNote: note });
  // The first one makes the snapshot: not what is measured.
  await (await restore()).dispose();
  const booted: Sample[] = [];
  const restored: Sample[] = [];
  const virtmes: Sample[] = [];
  const plain: { wallMs: number; cpuMs: number }[] = [];
  for (let i = 0; i < repeats; i++) {
    booted.push(await sample(() => qemu.boot(options), noops));
    restored.push(await sample(restore, noops));
    // A minute each: fewer of the slow ones.
    if (!quick && i < 3) {
      virtmes.push(await sample(() => virtme.boot(options), 5));
      plain.push(await bootPlainVng(prepared.rootfs, prepared.plan));
    }
    note(
      `boot ${i + 1} of ${repeats}: ${booted.at(-1)!.cpuS.toFixed(1)} CPU s, restored ${restored.at(-1)!.cpuS.toFixed(1)}`,
    );
  }
  const cpu = (samples: Sample[]) => samples.map(({ cpuS }) => cpuS);
  const wall = (samples: Sample[]) => samples.map(({ wallS }) => wallS);
  const vngCpu = { name: 'vng', values: plain.map(({ cpuMs }) => cpuMs / 1000) };
  const vngWall = { name: 'vng', values: plain.map(({ wallMs }) => wallMs / 1000) };
  const rows = [
    measured('boot to first command, CPU', 's', cpu(booted), null, vngCpu),
    measured('boot to first command, wall', 's', wall(booted), null, vngWall),
    measured('restored to first command, CPU', 's', cpu(restored), null, vngCpu),
    measured('restored to first command, wall', 's', wall(restored), 1.5, vngWall),
    ...(virtmes.length > 0
      ? [
          measured('virtme to first command, CPU', 's', cpu(virtmes), null, vngCpu),
          measured('virtme to first command, wall', 's', wall(virtmes), null, vngWall),
        ]
      : []),
    measured(
      'no-op test, round trip, wall',
      'ms',
      booted.flatMap(({ noopMs }) => noopMs),
      20,
    ),
  ];
  const [boot] = rows;
  if (boot!.ratio !== null) {
    boot!.target = '≤ 1/5 of vng';
    boot!.holds = boot!.ratio <= 0.2;
  }
  return rows;
}
