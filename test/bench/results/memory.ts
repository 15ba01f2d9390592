// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import { execa } from 'execa';
import { type BenchOptions, measured, type Row } from '../bench.ts';

/**
 * How much a process grows while a large log streams by: one of its own, in which nothing else was done. As Node is
 * set up, V8 lets its young generation grow rather than collect it, so what the parser needs is told with that held
 * to 2 MB as well.
 */
export async function benchMemory({ quick }: BenchOptions): Promise<Omit<Row, 'bench'>[]> {
  const megabytes = quick ? 100 : 1000;
  const grown = async (flags: string[]): Promise<number> => {
    const child = join(import.meta.dirname, 'stream-by.ts');
    const { stdout } = await execa(process.execPath, [...flags, child, String(megabytes)]);
    return Number(stdout);
  };
  const what = `memory for a log of ${megabytes} MB`;
  return [
    measured(what, 'MB', [await grown([])], 100),
    measured(`${what}, young generation 2 MB`, 'MB', [await grown(['--max-semi-space-size=2'])], 100),
  ];
}
