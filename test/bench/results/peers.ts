// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheRoot } from '../../../vm/cache.ts';

/** Another parser: CPU seconds and results for a file, or its answer in words. */
export interface Peer {
  name: string;
  /** Of the log in a file; reading it is not counted. */
  measure(file: string): Promise<{ cpuS: number; results: number }>;
  answer(file: string): Promise<string>;
}

const ANSWER_MS = 5000;
const MEASURE_MS = 30 * 60_000;

function peer(name: string, command: string, args: string[]): Peer {
  const ask = async (mode: string, file: string, timeout: number) =>
    execa(command, [...args, mode, file], { timeout, reject: false, killSignal: 'SIGKILL' });
  return {
    name,
    measure: async (file) => {
      const { stdout, failed, stderr } = await ask('measure', file, MEASURE_MS);
      if (failed) throw new Error(`${name}: ${stderr}`);
      return JSON.parse(stdout.split('\n').at(-1)!);
    },
    answer: async (file) => {
      const { stdout, timedOut, failed, stderr } = await ask('answer', file, ANSWER_MS);
      if (timedOut) return 'never returns';
      return failed
        ? (stderr.trim().split('\n').at(-1) ?? 'failed').slice(0, 30)
        : stdout.split('\n').at(-1)!;
    },
  };
}

/** npm's tap-parser, kunit_parser.py of a kernel source in the cache, and of the CIs those whose checkout is named. */
export function findPeers(note: (text: string) => void): Peer[] {
  const peers: Peer[] = [];
  const sources = join(cacheRoot(), 'source');
  const kunit = (existsSync(sources) ? readdirSync(sources) : [])
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    .map((name) => join(sources, name, 'tree/tools/testing/kunit'))
    .findLast((folder) => existsSync(join(folder, 'kunit_parser.py')));
  if (kunit === undefined) note('no kernel source in the cache: kunit_parser is left out');
  else peers.push(peer('kunit_parser', 'python3', [join(import.meta.dirname, 'kunit-parser.py'), kunit]));
  peers.push(peer('tap-parser', process.execPath, [join(import.meta.dirname, 'tap-parser.ts')]));
  for (const [name, checkout, script] of [
    ['NIPA', process.env.MULTITAP_BENCH_NIPA, 'nipa-parser.py'],
    ['MPTCP CI', process.env.MULTITAP_BENCH_MPTCP_CI, 'mptcp-ci-parser.py'],
  ] as const)
    if (checkout) peers.push(peer(name, 'python3', [join(import.meta.dirname, script), checkout]));
    else note(`no checkout of ${name} is named (docs/reference/environment.md): it is left out`);
  return peers;
}
