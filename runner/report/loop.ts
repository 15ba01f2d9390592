// SPDX-License-Identifier: GPL-2.0-only
import { glyphs } from '../../results/glyphs.ts';
import { clock } from '../progress/terminal.ts';
import { hasFailed } from '../schedule/outcome.ts';
import { type LoopStatistics, loopCounter } from '../schedule/statistics.ts';
import type { Print, Report } from './report.ts';
import { testLines } from './test-lines.ts';
import { countsLine, duration, printable } from './text.ts';

/** So many numbers of failed attempts are listed. */
const LISTED_MAX = 20;

/** `1 of 12 failed: 8.3 % (95 %: 1.5–35.4 %)`. */
export function rateLine({ failures, counted, rate, interval }: LoopStatistics): string {
  const percent = (p: number) => (100 * p).toFixed(1);
  if (rate === null) return 'nothing that counts yet';
  const [low, high] = interval.map(percent);
  return `${failures} of ${counted} failed: ${percent(rate)} % (95 %: ${low}–${high} %)`;
}

/** `33.1 s ± 2.4 s`; empty where no attempt came to its end. */
export function timeLine({ meanMs, deviationMs }: LoopStatistics): string {
  if (meanMs === null) return '';
  return deviationMs === null ? duration(meanMs) : `${duration(meanMs)} ± ${duration(deviationMs)}`;
}

export interface LoopReport extends Report {
  readonly statistics: LoopStatistics;
}

/**
 * A line for each attempt with what all of them have shown so far, failures with their words, and the sum at the end.
 *
 * @param leftMs how long it will go on, by what the attempts have taken; null where nobody knows
 */
export function loopReport(print: Print, leftMs: (attempts: number) => number | null): LoopReport {
  const counter = loopCounter();
  return {
    get statistics() {
      return counter.now();
    },
    started: ([test]) => print(`${printable(`${test!.collection}: ${test!.name}`)}, again and again\n`),
    test: (report) => {
      counter.add(report);
      const now = counter.now();
      const left = leftMs(now.attempts);
      const parts = [
        `${glyphs[report.outcome]} ${String(report.attempt).padStart(4)}  ${report.outcome.padEnd(7)} ${duration(report.durationMs)}`,
        rateLine(now),
        timeLine(now),
        left === null ? '' : `about ${clock(left)} left`,
      ];
      print(`${parts.filter(Boolean).join(' · ')}\n`);
      if (hasFailed(report) || report.outcome === 'error')
        print(`${testLines(report).slice(1).join('\n')}\n`);
    },
    finished: (run) => {
      const now = counter.now();
      const listed = now.failed.slice(0, LISTED_MAX).join(', ');
      const more = now.failed.length > LISTED_MAX ? `, and ${now.failed.length - LISTED_MAX} more` : '';
      print(`\nRun ${run.id} on ${run.branch} ${run.revision} (${run.variant})\n`);
      print(`  attempts  ${now.attempts}: ${countsLine(now.counts)}\n`);
      print(`  failures  ${rateLine(now)}\n`);
      if (timeLine(now)) print(`  duration  ${timeLine(now)}\n`);
      if (listed) print(`  failed    attempts ${listed}${more}\n`);
    },
  };
}
