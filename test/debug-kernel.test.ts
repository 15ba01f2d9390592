// SPDX-License-Identifier: GPL-2.0-only
// What none of Debian's kernels can show: splats of KASAN, UBSAN and lockdep, leaks, coverage.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestReport } from '../results/store/types.ts';
import { checkCoverage } from '../runner/schedule/coverage.ts';
import { withDebugKernel } from './support/debug-kernel.ts';
import { FAULT_MODULE, FAULT_TRIGGER } from './support/fault-module.ts';
import { preparedGuest, withCollection } from './support/guest.ts';
import { temporaryFolder } from './support/program.ts';
import { runAll } from './support/run.ts';
import { all, whyNot } from './support/slow.ts';

const BUILD_MS = 3 * 3_600_000;

/** What is provoked, and what it is called. */
const splats: [fault: string, kind: string, title: RegExp][] = [
  ['use-after-free', 'kasan', /^KASAN: slab-use-after-free Read in fault_use_after_free$/],
  ['out-of-bounds', 'kasan', /^KASAN: slab-out-of-bounds Read in fault_out_of_bounds$/],
  ['double-free', 'kasan', /^KASAN: invalid-free in fault_double_free$/],
  ['ubsan-shift', 'ubsan', /^UBSAN: shift-out-of-bounds in fault_ubsan_shift$/],
  ['lock-inversion', 'lockdep', /^possible deadlock in fault_lock_inversion$/],
  [
    'sleep-in-atomic',
    'atomic-sleep',
    /^BUG: sleeping function called from invalid context in fault_sleep_in_atomic$/,
  ],
  ['rcu-usage', 'rcu-usage', /^WARNING: suspicious RCU usage in fault_rcu_usage$/],
];

const provoke = (name: string) =>
  `insmod ${FAULT_MODULE}\n(echo ${name} > ${FAULT_TRIGGER})\nsleep 1\nexit 0`;
const scripts = {
  ...Object.fromEntries(splats.map(([fault]) => [`${fault}.sh`, provoke(fault)])),
  'leak.sh': provoke('leak'),
  'mptcp.sh': 'ip mptcp limits set subflow 2 && ip mptcp limits show',
  'nothing.sh': 'exit 0',
};

describe.skipIf(!all)(`a kernel with every check, which is built first${whyNot()}`, () => {
  let dir: string;
  const reports = new Map<string, TestReport>();

  beforeAll(async () => {
    dir = await temporaryFolder('debug-kernel');
    const base = await withDebugKernel(await preparedGuest());
    const { prepared, tests } = await withCollection(base, dir, scripts, 'timeout=300\n');
    const coverage = await checkCoverage(prepared, join(dir, 'coverage'));
    const around = { pre: null, post: null, kmemleak: true, coverage };
    const ran = await runAll(prepared, tests, { isolation: 'test', timeoutS: 600, around });
    for (const report of ran.reports) reports.set(report.name, report);
  }, BUILD_MS);

  afterAll(() => dir && rm(dir, { recursive: true, force: true }));

  it.each(splats)('reports %s', (fault, kind, title) => {
    const report = reports.get(`${fault}.sh`)!;
    expect(report).toMatchObject({ outcome: 'fail', exitCode: 0 });
    expect(report.crashes).toContainEqual(
      expect.objectContaining({ kind, title: expect.stringMatching(title) }),
    );
  });

  it('tells what a test has leaked, and of one that leaks nothing so', () => {
    const leaks = reports.get('leak.sh')!.crashes!.filter(({ kind }) => kind === 'kmemleak');
    expect(leaks.map(({ title }) => title)).toEqual(['memory leak in fault_leak']);
    expect(reports.get('nothing.sh')).toMatchObject({ outcome: 'pass', crashes: [] });
  });

  it('counts, for each test, the lines that it ran', async () => {
    const lcov = async (test: string) => await readFile(join(dir, 'coverage', `own.${test}.1.info`), 'utf8');
    const calls = async (test: string) =>
      Number(/^FNDA:(\d+),mptcp_pm_nl_set_limits_doit$/m.exec(await lcov(test))?.[1]);
    expect(await lcov('mptcp.sh')).toMatch(/^TN:mptcp_sh\nSF:.*net\/mptcp\//m);
    expect(await calls('mptcp.sh')).toBe(1);
    expect(await calls('nothing.sh')).toBe(0);
  });
});
