// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { measured, type Row } from '../bench.ts';

const LAUNCHER = join(import.meta.dirname, '../../../bin/multitap.cjs');

/** Wall seconds of `multitap run mptcp --quick` with so many VMs, everything in the cache already, and its own CPU seconds. */
async function runQuick(jobs: number): Promise<{ wallS: number; cpuS: number }> {
  const data = await mkdtemp(join(tmpdir(), 'multitap-bench-'));
  try {
    const args = ['run', 'mptcp', '--kernel', 'deb:6.12', '--quick', '--jobs', String(jobs), '--data', data];
    // bash's `times` counts what has been waited for: not QEMU, which is killed together with who would have done so.
    const { stdout, durationMs } = await execa('bash', [
      '-c',
      '"$@" >/dev/null 2>&1; times',
      'bash',
      LAUNCHER,
      ...args,
    ]);
    const children = stdout.trim().split('\n').at(-1)!;
    const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
      (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
      0,
    );
    return { wallS: durationMs / 1000, cpuS: seconds };
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

/** The MPTCP quick selection with one VM and with two. */
export async function benchSelection(note: (text: string) => void): Promise<Omit<Row, 'bench'>[]> {
  const rows: Omit<Row, 'bench'>[] = [];
  for (const jobs of [1, 2]) {
    const { wallS, cpuS } = await runQuick(jobs);
    note(`MPTCP quick selection with ${jobs} VM${jobs > 1 ? 's' : ''}: ${wallS.toFixed(0)} s`);
    rows.push(
      measured(`MPTCP quick selection, ${jobs} VM${jobs > 1 ? 's' : ''}, wall`, 's', [wallS], null),
      measured(
        `MPTCP quick selection, ${jobs} VM${jobs > 1 ? 's' : ''}, CPU without guests`,
        's',
        [cpuS],
        null,
      ),
    );
  }
  return rows;
}
