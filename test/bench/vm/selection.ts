// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { measured, type Row } from '../bench.ts';
import { guestSeconds } from './cpu.ts';

const LAUNCHER = join(import.meta.dirname, '../../../bin/multitap.cjs');

interface Took {
  wallS: number;
  /** Without guests. */
  cpuS: number;
  guestsS: number;
}

/** Seconds of `multitap run mptcp --quick` with so many VMs, everything in the cache already. */
async function runQuick(jobs: number): Promise<Took> {
  const data = await mkdtemp(join(tmpdir(), 'multitap-bench-'));
  try {
    const args = ['run', 'mptcp', '--kernel', 'deb:6.12', '--quick', '--jobs', String(jobs), '--data', data];
    // bash's `times` counts what has been waited for: not QEMU, which is killed together with who would have done so.
    const script = '"$@" >/dev/null 2>&1; times';
    const run = execa('bash', ['-c', script, 'bash', LAUNCHER, ...args]);
    const guestsS = await guestSeconds(run.pid!, run);
    const { stdout, durationMs } = await run;
    const children = stdout.trim().split('\n').at(-1)!;
    const cpuS = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
      (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
      0,
    );
    return { wallS: durationMs / 1000, cpuS, guestsS };
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

/** The MPTCP quick selection with one VM and with two. */
export async function benchSelection(note: (text: string) => void): Promise<Omit<Row, 'bench'>[]> {
  const rows: Omit<Row, 'bench'>[] = [];
  for (const jobs of [1, 2]) {
    const { wallS, cpuS, guestsS } = await runQuick(jobs);
    const what = `MPTCP quick selection, ${jobs} VM${jobs > 1 ? 's' : ''}`;
    note(`${what}: ${wallS.toFixed(0)} s`);
    rows.push(
      measured(`${what}, wall`, 's', [wallS], null),
      measured(`${what}, CPU without guests`, 's', [cpuS], null),
      measured(`${what}, CPU of guests`, 's', [guestsS], null),
    );
  }
  return rows;
}
