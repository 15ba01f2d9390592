// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchOptions, median, type Row } from '../bench.ts';
import { plainLog, realLog } from './log.ts';
import { parseOurs } from './ours.ts';
import type { Peer } from './peers.ts';

/** How many times as fast we have to be. */
const targets: Record<string, number> = { kunit_parser: 20, 'tap-parser': 10 };

/** CPU time per megabyte beside each peer, in the same run: on a whole log, and on results alone. */
export async function benchSpeed(
  peers: readonly Peer[],
  { quick, note }: BenchOptions,
): Promise<Omit<Row, 'bench'>[]> {
  const bytes = quick ? 10e6 : 100e6;
  const dir = await mkdtemp(join(tmpdir(), 'multitap-bench-'));
  try {
    const rows: Omit<Row, 'bench'>[] = [];
    for (const [what, log] of [
      ['kselftest logs', realLog(bytes)],
      ['results alone', plainLog(bytes)],
    ] as const) {
      const file = join(dir, 'log');
      await writeFile(file, log);
      const megabytes = log.length / 1e6;
      // Twice before it counts: a parser that is met once is compiled then.
      const ours = Array.from({ length: 5 }, () => parseOurs(log)).slice(2);
      note(`${what}, ${megabytes.toFixed(0)} MB: ours ${ours[0]!.results} results`);
      const values = ours.map(({ cpuS }) => (cpuS * 1000) / megabytes);
      for (const peer of peers) {
        const theirs = await peer.measure(file);
        note(`${what}: ${peer.name} ${theirs.results} results`);
        const peerValue = (theirs.cpuS * 1000) / megabytes;
        const times = peerValue / median(values);
        const wanted = targets[peer.name] ?? null;
        rows.push({
          ...{ what: `${what}, ${megabytes.toFixed(0)} MB`, value: median(values), unit: 'ms CPU/MB' },
          ...{ spread: [Math.min(...values), Math.max(...values)], peer: peer.name, peerValue },
          ratio: median(values) / peerValue,
          target: wanted === null ? null : `≥ ${wanted} times as fast`,
          holds: wanted === null ? null : times >= wanted,
        });
      }
    }
    return rows;
  } finally {
    await rm(dir, { recursive: true });
  }
}
