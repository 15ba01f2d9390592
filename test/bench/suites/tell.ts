// SPDX-License-Identifier: GPL-2.0-only
import { countOutcomes, type Outcome, outcomes } from '../../../results/words.ts';
import type { SuiteRun } from './run-suite.ts';

function seconds({ run }: SuiteRun): number {
  return run.results.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0) / 1000;
}

function shown(counts: Readonly<Record<Outcome, number>>): string {
  return (
    outcomes
      .flatMap((outcome) => (counts[outcome] > 0 ? [`${counts[outcome]} ${outcome}`] : []))
      .join(', ') || '–'
  );
}

/** The table of docs/reference/suites.md: what came of each suite on each kernel. */
export function suiteTable(runs: readonly SuiteRun[]): string {
  const rows = runs.map((one) => {
    const { subject, run, counted } = one;
    const subtests = run.results.flatMap((test) => test.subtests);
    return [
      `\`${[subject.suite, ...subject.args].join(' ')}\``,
      run.revision,
      shown(countOutcomes(run.results.map(({ outcome }) => outcome))),
      shown(countOutcomes(subtests.map(({ outcome }) => outcome))),
      `${subtests.length} / ${counted}`,
      `${Math.round(seconds(one))} s`,
    ];
  });
  const head = ['suite', 'kernel', 'tests', 'subtests', 'subtests stored / counted by awk', 'guest time'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Whatever did not pass, with its own words; what is the same on several kernels once. */
export function notPassed(runs: readonly SuiteRun[]): string {
  const kernels = new Map<string, Set<string>>();
  for (const { run } of runs)
    for (const test of run.results) {
      const note = (outcome: Outcome, name: string, message: string) => {
        const line = `${outcome} ${test.collection}:${test.name}${name && ` › ${name}`}: ${message.split('\n')[0]}`;
        kernels.set(line, (kernels.get(line) ?? new Set()).add(run.revision));
      };
      if (test.outcome !== 'pass') note(test.outcome, '', test.message);
      for (const { outcome, name, message } of test.subtests)
        if (outcome !== 'pass') note(outcome, name, message);
    }
  return [...kernels].map(([line, on]) => `- ${line} (${[...on].join(', ')})`).join('\n');
}
