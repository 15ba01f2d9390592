// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../results/store/index.ts';
import type { Bench } from './bench.ts';
import { usualHistory } from './generate.ts';
import { benchIngest } from './results/ingest.ts';
import { benchReads } from './results/reads.ts';
import { benchSize } from './results/size.ts';

/** Results in all: MULTITAP_BENCH_RESULTS asks for another size. */
const usual = 1_000_000;
const quick = 200_000;

export const bench: Bench = {
  summary: 'the store: recording a generated history, bytes per result, what pages ask',
  run: async (options) => {
    const wanted = Number(process.env.MULTITAP_BENCH_RESULTS || (options.quick ? quick : usual));
    const perRun = usualHistory.tests * (usualHistory.subtests + 1);
    const history = { ...usualHistory, runs: Math.ceil(wanted / perRun) };
    const directory = await mkdtemp(join(tmpdir(), 'multitap-bench-'));
    const store = await openStore(directory);
    try {
      options.note(`${history.runs} runs of ${perRun} results`);
      return [
        ...(await benchIngest(store, history)),
        ...(await benchSize(directory)),
        ...(await benchReads(store, history)),
      ];
    } finally {
      await store.close();
      await rm(directory, { recursive: true });
    }
  },
};
