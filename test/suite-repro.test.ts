// SPDX-License-Identifier: GPL-2.0-only
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestReport } from '../results/store/types.ts';
import { notStarted } from '../runner/schedule/not-started.ts';
import { prepare } from '../runner/setup.ts';
import { buildSuite } from '../runner/suites/build.ts';
import { repro } from '../runner/suites/repro/index.ts';
import { silent } from '../vm/progress.ts';
import { withFaults } from './support/fault-module.ts';
import { root, temporaryFolder } from './support/program.ts';
import { runAll } from './support/run.ts';

// Leaves out what takes longer than seconds, and any reproducer of a fault that a kernel of today really has.

const fixture = (name: string) => join(root, 'test/fixtures/repro', name);
const SECONDS = 6;

let dir: string;
let reports: TestReport[];
const report = (name: string) => reports.find((one) => one.name === name)!;
const output = (name: string) =>
  String(Buffer.from(report(name).logs.find(({ kind }) => kind === 'output')?.content ?? []));

beforeAll(async () => {
  dir = await temporaryFolder('repro');
  const text = await readFile(fixture('fault.c'), 'utf8');
  await writeFile(join(dir, 'panic.c'), `#define FAULT "panic"\n${text}`);
  const options = {
    repro: [...['fault.c', 'nothing.c', 'hostile.c', 'broken.c'].map(fixture), join(dir, 'panic.c')],
    'repro-seconds': [String(SECONDS)],
  };
  await repro.check!(options);
  const prepared = await prepare(
    { kernel: 'deb:6.12', cpus: 2, memoryMb: 1024, accel: 'auto' },
    ({ kernel, ...at }) =>
      buildSuite(repro, { ...at, kernel, source: kernel, collections: ['repro'], options }),
    silent,
  );
  const { tests } = prepared.built!;
  const startable = tests.filter(({ instead }) => !instead);
  const ran = await runAll(await withFaults(prepared), startable, { isolation: 'test' });
  reports = [...tests.filter(({ instead }) => instead).map(notStarted), ...ran.reports];
});

afterAll(() => rm(dir, { recursive: true, force: true }));

it('a reproducer that finds something is known by what it found', () => {
  const warning = expect.objectContaining({ kind: 'warn', title: 'WARNING in fault_warn', fatal: false });
  const panic = expect.objectContaining({ kind: 'panic', title: 'kernel panic: fault: panic', fatal: true });
  expect(report('fault.c')).toMatchObject({
    collection: 'repro',
    outcome: 'fail',
    message: expect.stringMatching(/^kernel: WARNING in fault_warn/),
    crashes: expect.arrayContaining([warning]),
  });
  expect(report('panic.c')).toMatchObject({
    outcome: 'crash',
    crashes: expect.arrayContaining([panic]),
  });
});

it('one that finds nothing passes when its time is over', () => {
  expect(report('nothing.c')).toMatchObject({ outcome: 'pass', crashes: [], problems: [] });
  expect(report('nothing.c').durationMs).toBeGreaterThan(SECONDS * 900);
  expect(output('nothing.c')).toBe(`started 1 times in ${SECONDS} s; the last time it ended with 137\n`);
});

it('one that ends is started again, and can end nothing but itself', () => {
  expect(report('hostile.c')).toMatchObject({ outcome: 'pass', crashes: [], problems: [], subtests: [] });
  const [, times] = /started (\d+) times/.exec(output('hostile.c'))!;
  expect(Number(times)).toBeGreaterThan(1);
});

it('one that does not compile is an error with the compiler’s words, and stops no other', () => {
  expect(report('broken.c')).toMatchObject({
    outcome: 'error',
    message: expect.stringContaining('broken.c:4:16: error: ‘not_declared’ undeclared'),
  });
});
