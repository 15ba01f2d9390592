// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../../results/store/types.ts';
import { countOutcomes, isBad } from '../../results/words.ts';
import { countsLine, duration, glyphs, printable } from './glyphs.ts';
import type { Print, ReportFormat } from './report.ts';

function indent(text: string, by: string): string {
  return printable(text).replace(/^/gm, by);
}

function printTest(test: TestReport, print: Print): void {
  const subtests =
    test.subtests.length > 0
      ? ` · ${countsLine(countOutcomes(test.subtests.map(({ outcome }) => outcome)))}`
      : '';
  print(
    `${glyphs[test.outcome]} ${test.outcome.padEnd(7)} ${test.collection}: ${test.name} (${duration(test.durationMs)})${subtests}\n`,
  );
  if (test.message && test.outcome !== 'pass') print(`${indent(test.message, '    ')}\n`);
  for (const subtest of test.subtests.filter(({ outcome }) => isBad(outcome))) {
    print(
      `    ${glyphs[subtest.outcome]} ${printable(subtest.name)}${subtest.line ? ` (line ${subtest.line})` : ''}\n`,
    );
    if (subtest.message) print(`${indent(subtest.message, '        ')}\n`);
  }
  for (const problem of test.problems.slice(0, 5))
    print(`    ? line ${problem.line}: ${printable(problem.text)}\n`);
}

export const pretty: ReportFormat = {
  name: 'pretty',
  summary: 'for people: a line for each test, the failures with their words',
  create: (print) => ({
    started: () => {},
    test: (report) => printTest(report, print),
    finished: (run) => {
      const state = run.state === 'complete' ? '' : `, ${run.state}: ${run.reason}`;
      print(`\nRun ${run.id} on ${run.branch} ${run.revision} (${run.variant})${state}\n`);
      print(`  tests     ${countsLine(run.tests)}\n  subtests  ${countsLine(run.subtests)}\n`);
    },
  }),
};
