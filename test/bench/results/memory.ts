// SPDX-License-Identifier: GPL-2.0-only
import { tap } from '../../../results/formats/tap/index.ts';
import { type BenchOptions, measured, type Row } from '../bench.ts';
import { realLog } from './log.ts';

/** How much the process grows while a large log streams by. */
export function benchMemory({ quick }: BenchOptions): Omit<Row, 'bench'>[] {
  const bytes = quick ? 100e6 : 1e9;
  const part = realLog(10e6);
  const before = process.memoryUsage().rss;
  let most = before;
  const parser = tap.parser(() => {});
  for (let done = 0; done < bytes; done += part.length)
    for (let at = 0; at < part.length; at += 65536) {
      parser.push(part.subarray(at, at + 65536));
      if (at % (1 << 20) === 0) most = Math.max(most, process.memoryUsage().rss);
    }
  parser.end();
  return [measured(`memory for a log of ${bytes / 1e6} MB`, 'MB', [(most - before) / 1e6], 100)];
}
