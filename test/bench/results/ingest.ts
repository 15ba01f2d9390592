// SPDX-License-Identifier: GPL-2.0-only
import type { Store } from '../../../results/store/types.ts';
import { measured, type Row } from '../bench.ts';
import { generateHistory, type HistoryOptions } from '../generate.ts';
import { cpuSecondsOf } from './cpu.ts';

const leastPerSecond = 150_000;

/** Records the history, one transaction a run. The time that generating it takes does not count. */
export async function benchIngest(store: Store, history: HistoryOptions): Promise<Omit<Row, 'bench'>[]> {
  const tenths: number[] = [];
  let seconds = 0;
  let results = 0;
  let done = 0;
  for (const { start, tests, end } of generateHistory(history)) {
    seconds += await cpuSecondsOf(() => store.addRun(start, tests, end));
    results += tests.reduce((sum, { subtests }) => sum + 1 + subtests.length, 0);
    if (++done % Math.ceil(history.runs / 10) > 0 && done < history.runs) continue;
    tenths.push(results / seconds);
    seconds = results = 0;
  }
  const row = measured('recorded, tenths of the history', 'results per CPU s', tenths, null);
  const target = `≥ ${leastPerSecond} results per CPU s`;
  return [{ ...row, target, holds: row.value >= leastPerSecond }];
}
