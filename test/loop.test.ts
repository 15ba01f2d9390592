// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest';
import { openStore } from '../results/store/index.ts';
import { folderForTest, multitap } from './support/program.ts';

it('runs one test again and again, tells how often it fails, and stores every attempt', async () => {
  const data = await folderForTest('loop');
  const { exitCode, stdout } = await multitap([
    ...['loop', 'pm_netlink.sh', '--times', '3', '--timeout', '3', '--isolation', 'vm', '--jobs', '2'],
    ...['--accel', 'tcg', '--data', data],
  ]);
  // Three seconds are too short for it under TCG.
  expect(exitCode).toBe(1);
  expect(stdout).toContain('3 of 3 failed: 100.0 % (95 %: 43.9–100.0 %)');
  expect(stdout).toMatch(/attempts {2}3: 3 timeout\n.*\n {2}failed {4}attempts 1, 2, 3/);
  const store = await openStore(data);
  const run = (await store.run(1))!;
  await store.close();
  expect(run).toMatchObject({ state: 'complete', plannedTests: 1 });
  expect(run.results.map(({ attempt }) => attempt).sort()).toEqual([1, 2, 3]);
  expect(run.environment.settings).toMatchObject({
    isolation: 'vm',
    loop: { times: 3, untilFailure: false, forMinutes: null },
  });
});

it('takes a pattern that fits one test only', async () => {
  const data = await folderForTest('loop-many');
  const { exitCode, stderr } = await multitap(['loop', 'mptcp_*', '--accel', 'tcg', '--data', data]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/"mptcp_\*" fits \d+ tests: /);
});
