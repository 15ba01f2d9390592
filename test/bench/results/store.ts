// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../results/store/index.ts';
import type { BenchOptions, Row } from '../bench.ts';
import { usualHistory } from '../generate.ts';
import { benchIngest } from './ingest.ts';
import { benchReads } from './reads.ts';
import { benchSize } from './size.ts';
import { benchTestByTest } from './test-by-test.ts';

/** Results in all: MULTITAP_BENCH_RESULTS asks for another size. */
const usual = 1_000_000;
/** 20 runs of each place: 16 of them are added to the histories. */
const few = 400_000;

/** Recording a generated history, bytes per result, what pages ask. */
export async function benchStore({ quick, note }: BenchOptions): Promise<Omit<Row, 'bench'>[]> {
  const wanted = Number(process.env.MULTITAP_BENCH_RESULTS || (quick ? few : usual));
  const perRun = usualHistory.tests * (usualHistory.subtests + 1);
  const history = { ...usualHistory, runs: Math.ceil(wanted / perRun) };
  const directory = await mkdtemp(join(tmpdir(), 'multitap-bench-'));
  const store = await openStore(directory);
  try {
    note(`${history.runs} runs of ${perRun} results`);
    return [
      ...(await benchIngest(store, history)),
      ...(await benchTestByTest()),
      ...(await benchSize(directory)),
      ...(await benchReads(store, history)),
    ];
  } finally {
    await store.close();
    await rm(directory, { recursive: true });
  }
}
