// SPDX-License-Identifier: GPL-2.0-only
import { tap } from '../../../results/formats/tap/index.ts';

const chunkBytes = 64 * 1024;

/** CPU seconds of this process for a log that comes in chunks, and the results that were told. */
export function parseOurs(log: Uint8Array): { cpuS: number; results: number } {
  const before = process.cpuUsage();
  let results = 0;
  const parser = tap.parser(({ type }) => {
    if (type === 'result') results++;
  });
  for (let at = 0; at < log.length; at += chunkBytes) parser.push(log.subarray(at, at + chunkBytes));
  parser.end();
  const { user, system } = process.cpuUsage(before);
  return { cpuS: (user + system) / 1e6, results };
}
