// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import { aRun, aSubtest, aTest, dayMs, morning, scratch } from '../test-support.ts';

test('a test and its subtests, here and elsewhere', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  const places = [
    { branch: { name: 'net' }, cpus: 2 },
    { branch: { name: 'net-next' }, cpus: 2 },
    { branch: { name: 'net-next' }, cpus: 8 },
  ];
  for (const day of [1, 0, 2]) {
    for (const { branch, cpus } of places) {
      const revision = { name: `v${day}`, position: day };
      const run = aRun({ branch, revision, startedAt: morning + day * dayMs });
      run.variant.cpus = cpus;
      await store.startRun(run);
      const outcome = day === 2 && cpus === 8 ? 'fail' : 'pass';
      const subtests = [aSubtest('x', { outcome, message: day === 2 ? 'late' : '', line: 7 }), aSubtest('a')];
      const logs = [{ kind: 'output' as const, content: Buffer.from(`${day} ${cpus}`) }];
      await store.addTest(
        run.uuid,
        aTest({ outcome, subtests, logs, message: outcome === 'pass' ? '' : 'x failed' }),
      );
    }
  }
  const [run] = await store.runs({ branch: 'net-next', limit: 1 });
  const [result] = (await store.run(run!.id))!.results;
  const whole = await store.history(result!.series, 2);
  expect(whole).toMatchObject({
    ...{ branch: 'net-next', variant: 'x86_64 kvm 8cpu normal', suite: 'mptcp', test: 'mptcp_join.sh' },
    ...{ collection: 'net/mptcp', subtest: '', parent: null, counts: { pass: 2, fail: 1 } },
    points: [
      { revision: 'v2', outcome: 'fail', attempts: 1, message: 'x failed', durationMs: 5000 },
      { revision: 'v1', outcome: 'pass', message: '' },
    ],
    elsewhere: [
      { branch: 'net', variant: 'x86_64 kvm 2cpu normal', outcome: 'pass', runs: 3 },
      { branch: 'net-next', variant: 'x86_64 kvm 2cpu normal', outcome: 'pass', runs: 3 },
    ],
    subtests: [
      { name: 'a', outcome: 'pass', runs: 3, bad: 0 },
      { name: 'x', outcome: 'fail', runs: 3, bad: 1 },
    ],
  });
  expect(whole?.points[0]?.log).toBe(result!.logs[0]!.hash);

  const part = await store.history(result!.subtests[0]!.series, 10);
  expect(part).toMatchObject({
    subtest: 'x',
    parent: result!.series,
    subtests: [],
    counts: { pass: 2, fail: 1 },
  });
  expect(part?.points.map((point) => [point.revision, point.message, point.line])).toEqual([
    ['v2', 'late', 7],
    ['v1', '', 7],
    ['v0', '', 7],
  ]);
  expect(part?.points[0]?.log).toBe(result!.logs[0]!.hash);
  expect(await store.history(9999, 10)).toBeNull();
  await store.close();
});

test('a test that was planned and has not reported yet', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  await store.startRun(aRun({ planned: [{ collection: 'c', name: 'a' }] }));
  expect(await store.history(1, 10)).toMatchObject({
    test: 'a',
    points: [],
    counts: { pass: 0 },
    elsewhere: [],
  });
  await store.close();
});

test('logs that nobody refers to', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  for (const hash of ['f'.repeat(64), '../../etc/passwd', '']) {
    expect(await store.log(hash)).toBeNull();
    expect(await store.logOrigin(hash)).toBeNull();
  }
  await store.close();
});
