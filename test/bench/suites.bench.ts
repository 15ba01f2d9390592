// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Row } from './bench.ts';
import { runSuite, type SuiteRun } from './suites/run-suite.ts';
import { kernels, type Subject, subjects } from './suites/subjects.ts';
import { notPassed, suiteTable } from './suites/tell.ts';

/** Our count beside awk's: both read the same output, by other rules. */
function agreement({ subject, kernel, run, counted }: SuiteRun): Omit<Row, 'bench'> {
  const value = run.results.reduce((sum, { subtests }) => sum + subtests.length, 0);
  return {
    ...{ what: `${subject.suite} on ${kernel}: subtests`, value, spread: [value, value], unit: '' },
    ...{ peer: 'awk', peerValue: counted, ratio: counted > 0 ? value / counted : null },
    ...{ target: 'as many', holds: value === counted },
  };
}

/** One that ended without a run: what it said was told. */
function notRun({ suite }: Subject, kernel: string): Omit<Row, 'bench'> {
  return {
    ...{
      what: `${suite} on ${kernel}: runs`,
      value: 0,
      spread: [0, 0],
      unit: '',
      peer: null,
      peerValue: null,
    },
    ...{ ratio: null, target: 'one', holds: false },
  };
}

export const bench: Bench = {
  summary: 'every suite on every kernel: outcomes, guest time, subtests counted twice',
  async run({ quick, note }) {
    const dir = await mkdtemp(join(tmpdir(), 'multitap-bench-'));
    const runs: SuiteRun[] = [];
    const lost: Omit<Row, 'bench'>[] = [];
    try {
      for (const subject of subjects)
        for (const kernel of subject.kernels ?? (quick ? kernels.slice(1, 2) : kernels)) {
          note(`${subject.suite} on ${kernel}`);
          try {
            runs.push(await runSuite(subject, kernel, join(dir, 'data')));
          } catch (error) {
            note((error as Error).message);
            lost.push(notRun(subject, kernel));
          }
        }
    } finally {
      await rm(dir, { recursive: true });
    }
    note(`\n${suiteTable(runs)}\n\n${notPassed(runs)}\n`);
    return [...runs.map(agreement), ...lost];
  },
};
