// SPDX-License-Identifier: GPL-2.0-only

import { wilsonInterval } from '../../results/judge/wilson.ts';
import type { TestReport } from '../../results/store/types.ts';
import { type Counts, noCounts } from '../../results/words.ts';
import { hasFailed } from './outcome.ts';

/** What a loop has shown so far. */
export interface LoopStatistics {
  /** Attempts that ended, by outcome. */
  counts: Counts;
  attempts: number;
  /** Attempts that say something of the test: without `skip` and our own `error`. */
  counted: number;
  failures: number;
  /** The numbers of those that failed. */
  failed: number[];
  /** Of `counted`; null where there is none. */
  rate: number | null;
  /** Wilson's 95 % interval of the rate. */
  interval: [number, number];
  /** Of those that ended by themselves: a time-out, a crash or a skip would not say how long the test takes. */
  meanMs: number | null;
  /** Their standard deviation; null for fewer than two. */
  deviationMs: number | null;
}

export interface LoopCounter {
  add(report: TestReport): void;
  now(): LoopStatistics;
}

export function loopCounter(): LoopCounter {
  const counts = noCounts();
  const failed: number[] = [];
  let attempts = 0;
  let counted = 0;
  // Welford's way: one pass, and no difference of large numbers.
  let timed = 0;
  let mean = 0;
  let squares = 0;
  return {
    add: (report) => {
      const { outcome, attempt, durationMs } = report;
      counts[outcome]++;
      attempts++;
      if (outcome === 'error') return;
      if (outcome !== 'skip') counted++;
      if (hasFailed(report)) {
        failed.push(attempt);
        if (outcome === 'skip') counted++;
      }
      if (durationMs === null || ['skip', 'timeout', 'crash'].includes(outcome)) return;
      timed++;
      const delta = durationMs - mean;
      mean += delta / timed;
      squares += delta * (durationMs - mean);
    },
    now: () => ({
      counts: { ...counts },
      attempts,
      counted,
      failures: failed.length,
      failed: [...failed].sort((a, b) => a - b),
      rate: counted > 0 ? failed.length / counted : null,
      interval: wilsonInterval(failed.length, counted),
      meanMs: timed > 0 ? mean : null,
      deviationMs: timed > 1 ? Math.sqrt(squares / (timed - 1)) : null,
    }),
  };
}
