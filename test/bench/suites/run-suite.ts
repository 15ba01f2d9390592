// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';
import { openStore } from '../../../results/store/index.ts';
import type { RunDetail } from '../../../results/store/types.ts';
import { launcher } from '../../support/program.ts';
import type { Subject } from './subjects.ts';

/** A suite that was run on a kernel. */
export interface SuiteRun {
  subject: Subject;
  kernel: string;
  run: RunDetail;
  /** Subtests that awk counted in the output of its tests. */
  counted: number;
}

async function count(program: string, output: Uint8Array): Promise<number> {
  const { stdout } = await execa('awk', [program], { input: output });
  return Number(stdout);
}

/**
 * Runs a suite with the program itself, in guests.
 *
 * @throws Error with the program's words where nothing was stored
 */
export async function runSuite(subject: Subject, kernel: string, data: string): Promise<SuiteRun> {
  const args = ['run', subject.suite, '--kernel', kernel, ...subject.args, '--data', data];
  const ran = await execa(launcher, [...args, '--format', 'json'], { reject: false, stdin: 'ignore' });
  if (!ran.stdout.startsWith('{')) throw new Error(`multitap ${args.join(' ')}:\n${ran.stderr}`);
  const run = JSON.parse(ran.stdout) as RunDetail;
  const store = await openStore(data);
  try {
    let counted = 0;
    for (const { logs } of run.results) {
      const output = logs.find(({ kind }) => kind === 'output');
      const content = output && (await store.log(output.hash));
      if (content) counted += await count(subject.count, content);
    }
    return { subject, kernel, run, counted };
  } finally {
    await store.close();
  }
}
