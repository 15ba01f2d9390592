// SPDX-License-Identifier: GPL-2.0-only
import type { ReportFormat } from './report.ts';
import { testLines } from './test-lines.ts';
import { countsLine, printable } from './text.ts';

export const pretty: ReportFormat = {
  name: 'pretty',
  summary: 'for people: a line for each test, the failures with their words',
  create: (print) => ({
    started: () => {},
    test: (report, again) => {
      const after = again ? ['    → tried again in a fresh guest'] : [];
      print(`${[...testLines(report), ...after].join('\n')}\n`);
    },
    finished: (run) => {
      const state = run.state === 'complete' ? '' : `, ${run.state}: ${printable(run.reason)}`;
      print(`\nRun ${run.id} on ${run.branch} ${run.revision} (${run.variant})${state}\n`);
      print(`  tests     ${countsLine(run.tests)}\n  subtests  ${countsLine(run.subtests)}\n`);
    },
  }),
};
