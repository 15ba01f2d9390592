// SPDX-License-Identifier: GPL-2.0-only
// Without --all: only what a kernel without KUnit comes to, which is none that is built here.
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../results/store/index.ts';
import type { TestReport } from '../results/store/types.ts';
import { buildSuite } from '../runner/suites/build.ts';
import { kunit } from '../runner/suites/kunit/index.ts';
import { readFlavour } from '../vm/kernel/flavours.ts';
import { getSourceKernel } from '../vm/kernel/source-kernel.ts';
import { silent } from '../vm/progress.ts';
import { kernelWithModules, withKernel } from './support/external-module.ts';
import { preparedGuest } from './support/guest.ts';
import { multitap, root, temporaryFolder } from './support/program.ts';
import { runAll } from './support/run.ts';
import { all, whyNot } from './support/slow.ts';

let dir: string;

beforeAll(async () => {
  dir = await temporaryFolder('kunit');
});

afterAll(() => rm(dir, { recursive: true, force: true }));

it('is one skip on a kernel of Debian’s, with the fragment, and boots nothing', async () => {
  const { stdout, exitCode } = await multitap(['run', 'kunit', '--kernel', 'deb:6.12', '--data', dir]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('kunit: needs');
  const store = await openStore(dir);
  const run = (await store.run(1))!;
  await store.close();
  expect(run).toMatchObject({ state: 'complete', suite: 'kunit', plannedTests: 1 });
  expect(run.results).toMatchObject([{ name: 'needs', outcome: 'skip', durationMs: null }]);
  expect(run.results[0]!.message.split('\n').slice(1)).toEqual([
    'this fragment of a configuration would mend it:',
    'CONFIG_KUNIT=y',
    'CONFIG_KUNIT_DEBUGFS=y',
    'CONFIG_MPTCP_KUNIT_TEST=m',
    'compiled here: --kernel source:6.12 --flavour kunit',
  ]);
});

/** Of a case or a suite within another, as KUnit prints them; what stands outermost is the test itself. */
const COUNT = '/^    +(not )?ok [0-9]+/ { n++ } END { print n + 0 }';

const outputOf = ({ logs }: TestReport) =>
  Buffer.from(logs.find(({ kind }) => kind === 'output')!.content).toString('utf8');

describe.skipIf(!all)(`a kernel with KUnit, which is compiled first${whyNot()}`, () => {
  const reports = new Map<string, TestReport>();
  const named = (name: string) => reports.get(name)!;

  beforeAll(async () => {
    const base = await preparedGuest();
    const { rootfs } = base;
    const reference = { kind: 'source', suite: null, version: base.kernel.upstream } as const;
    const compiled = await getSourceKernel(rootfs, reference, await readFlavour('kunit'), silent);
    const place = `usr/lib/modules/${compiled.release}/updates`;
    const kernel = await kernelWithModules(rootfs, compiled, join(root, 'test/fixtures/kunit-module'), place);
    const context = { rootfs, kernel, source: kernel, collections: ['kunit'], options: {}, progress: silent };
    const { tests } = await buildSuite(kunit, context);
    const prepared = await withKernel(base, kernel);
    const ran = await runAll(prepared, tests, { isolation: 'test' });
    for (const report of ran.reports) reports.set(report.name, report);
  }, 3 * 3_600_000);

  it('has MPTCP’s suites and others, and all of the kernel’s own pass', () => {
    const own = [...reports.values()].filter(({ name }) => !name.startsWith('fixture-'));
    expect(own.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['mptcp-crypto', 'mptcp-token', 'list-kunit-test']),
    );
    expect(
      own.filter(({ outcome }) => outcome !== 'pass').map(({ name, message }) => [name, message]),
    ).toEqual([]);
  });

  it('has as many subtests as there are result lines', async () => {
    for (const report of reports.values()) {
      const file = join(dir, 'output');
      await writeFile(file, outputOf(report));
      const counted = Number(execFileSync('awk', [COUNT, file], { encoding: 'utf8' }));
      expect(report.subtests, report.name).toHaveLength(counted);
    }
  });

  it('nests what has parameters, and tells a skip’s reason', () => {
    const told = named('fixture-fine').subtests.map(({ name, outcome, message }) => [name, outcome, message]);
    expect(named('fixture-fine').outcome).toBe('pass');
    expect(told).toEqual([
      ['passes', 'pass', ''],
      ['is_skipped', 'skip', 'no need of it here'],
      ['has_parameters', 'pass', ''],
      ['has_parameters / number 1', 'pass', ''],
      ['has_parameters / number 2', 'pass', ''],
      ['has_parameters / number 3', 'pass', ''],
    ]);
  });

  it('tells a failed expectation with its place', () => {
    expect(named('fixture-fails')).toMatchObject({ outcome: 'fail', crashes: [] });
    expect(named('fixture-fails').subtests).toMatchObject([
      { name: 'passes', outcome: 'pass' },
      {
        name: 'expects_too_much',
        outcome: 'fail',
        message: expect.stringMatching(
          /EXPECTATION FAILED at .*fixture_kunit\.c:\d+\n(?:.*\n)*.*for very large values of 2/,
        ),
      },
    ]);
  });

  it('runs one suite of a module that holds several', () => {
    expect(outputOf(named('fixture-fails'))).not.toContain('fixture-fine');
    expect(named('fixture-fine').crashes).toEqual([]);
  });

  it('holds an oops against the suite in which it was', () => {
    const report = named('fixture-oopses');
    expect(report.outcome).toBe('fail');
    expect(report.crashes!.map(({ kind, title }) => [kind, title])).toContainEqual([
      'oops',
      expect.stringContaining('fixture_follow_nothing'),
    ]);
    expect(report.subtests[0]).toMatchObject({ name: 'fixture_follow_nothing', outcome: 'fail' });
  });

  it('tells why a module cannot be loaded, in the kernel’s words', () => {
    const { outcome, message, subtests } = named('fixture-refuses');
    expect({ outcome, subtests }).toEqual({ outcome: 'fail', subtests: [] });
    expect(message).toContain('the module refuses_kunit could not be loaded');
    expect(message).toContain('there is no such device in this machine');
  });
});
