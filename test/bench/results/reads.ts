// SPDX-License-Identifier: GPL-2.0-only
import type { Store } from '../../../results/store/types.ts';
import { measured, type Row } from '../bench.ts';
import type { HistoryOptions } from '../generate.ts';
import { seeded } from '../random.ts';
import { cpuSecondsOf } from './cpu.ts';

const repeats = 400;
const dayMs = 86_400_000;

/** What pages ask, in CPU milliseconds: the median of many different series and runs. */
export async function benchReads(store: Store, history: HistoryOptions): Promise<Omit<Row, 'bench'>[]> {
  const random = seeded(7);
  const series = () =>
    1 + Math.floor(random() * history.branches * history.variants * history.tests * (history.subtests + 1));
  const run = () => 1 + Math.floor(random() * history.runs);
  const [newest] = await store.runs({ limit: 1 });
  const place = { branch: newest!.branch, variant: newest!.variant, suite: newest!.suite };
  const timed = async (what: string, atMost: number | null, work: () => Promise<unknown>) => {
    const values: number[] = [];
    for (let n = 0; n < repeats; n++) values.push(1000 * (await cpuSecondsOf(work)));
    return measured(what, 'CPU ms', values, atMost);
  };
  return [
    await timed('a series’ last 200', 1, () => store.points(series(), 200)),
    await timed('a history page of 200', null, () => store.history(series(), 200)),
    await timed('a run page', 5, () => store.run(run())),
    await timed('a grid of 200 × 100', 30, () =>
      store.grid({ ...place, level: 'all', runs: 100, rows: 200, after: 0 }),
    ),
    await timed('flaky ranking, 30 days', 10, () =>
      store.flaky({ since: newest!.startedAt - 30 * dayMs, limit: 50 }),
    ),
    await timed('failures of a run', null, () => store.failures(run())),
    await timed('compare two runs', null, () => store.compare(run(), run())),
    await timed('search', null, () => store.search('test_77', 50)),
    await timed('crashes', null, () => store.crashes(50)),
    await timed('overview, 20 runs a branch', null, () => store.overview(20)),
    await timed('a series’ counts in half a year', null, () =>
      store.countsBetween(series(), Date.UTC(2024, 3), Date.UTC(2024, 9)),
    ),
  ];
}
