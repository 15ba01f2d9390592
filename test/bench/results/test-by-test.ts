// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../results/store/index.ts';
import { measured, type Row } from '../bench.ts';
import { generateHistory, usualHistory } from '../generate.ts';
import { cpuSecondsOf } from './cpu.ts';

/** Of one place, so that histories are written, too. */
const history = { ...usualHistory, branches: 1, variants: 1, runs: 20 };

/** Records runs as `multitap run` does: a transaction for each test as it ends, and one that closes the run. */
export async function benchTestByTest(): Promise<Omit<Row, 'bench'>[]> {
  const directory = await mkdtemp(join(tmpdir(), 'multitap-bench-'));
  const store = await openStore(directory);
  try {
    const speeds: number[] = [];
    for (const { start, tests, end } of generateHistory(history)) {
      const seconds = await cpuSecondsOf(async () => {
        await store.startRun(start);
        for (const test of tests) await store.addTest(start.uuid, test);
        await store.finishRun(start.uuid, end);
      });
      speeds.push(tests.reduce((sum, { subtests }) => sum + 1 + subtests.length, 0) / seconds);
    }
    return [measured('recorded test by test, runs', 'results per CPU s', speeds, null)];
  } finally {
    await store.close();
    await rm(directory, { recursive: true });
  }
}
