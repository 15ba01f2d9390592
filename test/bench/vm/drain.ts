// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { crashRecogniser } from '../../../results/crash/index.ts';
import { Console } from '../../../vm/console/console.ts';
import { type BenchOptions, measured, type Row } from '../bench.ts';

const LINE = '[   12.345678] net/mptcp: a message of the kernel that is about eighty bytes long, ok';
/** NIPA needs CPU time by the square of the size: beyond this it is not waited for. */
const PEER_MAX_MIB = 20;

/** CPU seconds of this process to take what a program prints as a machine takes its console, crashes sought. */
async function drainOurs(mib: number, dir: string): Promise<{ cpuS: number; grownMib: number }> {
  const console = new Console(join(dir, 'console.log'));
  const recogniser = crashRecogniser();
  console.listen((chunk) => void recogniser.push(chunk));
  const child = spawn('sh', ['-c', `yes '${LINE}' | head -c ${mib << 20}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const before = process.cpuUsage();
  const memory = process.memoryUsage().rss;
  child.stdout.on('data', (chunk) => console.push(chunk));
  await new Promise((resolve) => child.once('close', resolve));
  recogniser.end();
  const { user, system } = process.cpuUsage(before);
  const grownMib = (process.memoryUsage().rss - memory) / 2 ** 20;
  if (console.position + console.dropped !== mib << 20) throw new Error('the console lost bytes');
  console.close();
  return { cpuS: (user + system) / 1e6, grownMib };
}

/** CPU seconds of NIPA's own `drain_to_prompt` for the same bytes. */
async function drainNipa(checkout: string, mib: number): Promise<number> {
  const { stdout } = await execa('python3', [
    join(import.meta.dirname, 'nipa-drain.py'),
    checkout,
    String(mib),
  ]);
  return Number(stdout);
}

/** Draining a console of 1 to 100 MiB, beside NIPA where MULTITAP_BENCH_NIPA names a checkout of it. */
export async function benchDrain({ quick, note }: BenchOptions): Promise<Omit<Row, 'bench'>[]> {
  const checkout = process.env.MULTITAP_BENCH_NIPA;
  if (!checkout) note('MULTITAP_BENCH_NIPA names no checkout of NIPA: draining has no peer beside it');
  const dir = await mkdtemp(join(tmpdir(), 'multitap-bench-'));
  const rows: Omit<Row, 'bench'>[] = [];
  try {
    await drainOurs(1, dir);
    for (const mib of quick ? [1, 20] : [1, 5, 20, 100]) {
      const ours = [];
      for (let i = 0; i < 3; i++) ours.push(await drainOurs(mib, dir));
      const peer =
        checkout && mib <= (quick ? 1 : PEER_MAX_MIB)
          ? { name: 'NIPA', values: [await drainNipa(checkout, mib)] }
          : undefined;
      rows.push(
        measured(
          `${mib} MiB of console, CPU`,
          's',
          ours.map(({ cpuS }) => cpuS),
          mib === 20 ? 0.3 : null,
          peer,
        ),
      );
      if (mib === 100 || (quick && mib === 20))
        rows.push(
          measured(
            `${mib} MiB of console, memory grown`,
            'MiB',
            ours.map(({ grownMib }) => Math.max(0, grownMib)),
            16,
          ),
        );
      note(`${mib} MiB drained`);
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return rows;
}
