// SPDX-License-Identifier: GPL-2.0-only
import { type BenchOptions, measured, type Row } from '../bench.ts';
import { realLog } from './log.ts';
import { parseOurs } from './ours.ts';

const sizes = [
  { name: '1 KB', bytes: 1e3 },
  { name: '1 MB', bytes: 1e6 },
  { name: '100 MB', bytes: 100e6 },
];
/** Bytes that each repeat parses at least, since the clock of the CPU is coarse. */
const least = 5e6;

/** Nanoseconds of CPU per byte by size: the same, if time is linear. Beside the largest stands twice the middle. */
export function benchLinear({ quick }: BenchOptions): Omit<Row, 'bench'>[] {
  const whole = realLog(quick ? 10e6 : 100e6);
  parseOurs(whole);
  let middle: number | null = null;
  return sizes
    .filter(({ bytes }) => bytes <= 1.1 * whole.length)
    .map(({ name, bytes }) => {
      const log = whole.subarray(0, bytes);
      const rounds = Math.max(1, Math.ceil(least / bytes));
      const values = Array.from({ length: 3 }, () => {
        let cpuS = 0;
        for (let round = 0; round < rounds; round++) cpuS += parseOurs(log).cpuS;
        return (cpuS * 1e9) / (rounds * log.length);
      });
      const row = measured(`time per byte, ${name}`, 'ns CPU', values, middle === null ? null : 2 * middle);
      if (bytes === 1e6) middle = Math.round(row.value);
      return row;
    });
}
