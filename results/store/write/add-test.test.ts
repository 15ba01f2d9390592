// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import { aRun, aSubtest, aTest, dump, morning, scratch } from '../test-support.ts';

test('a test comes back as it was reported, its subtests as they were printed', async ({
  onTestFinished,
}) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  const run = aRun({ planned: [{ collection: 'net/mptcp', name: 'mptcp_join.sh' }] });
  const { id } = await store.startRun(run);
  const output = Buffer.from('# one\nnot ok 1 zebra\n');
  const report = aTest({
    ...{
      outcome: 'fail',
      exitCode: 1,
      signal: 'SIGSEGV',
      cpuMs: null,
      vm: 3,
      message: 'zebra failed',
      line: 2,
    },
    subtests: [
      aSubtest('zebra', { outcome: 'fail', message: 'stripes: 3 != 4', line: 2, durationMs: null }),
      aSubtest('aardvark', { markedFlaky: true, durationMs: 0 }),
      aSubtest('monkey', { outcome: 'skip', message: 'no tree' }),
    ],
    logs: [
      { kind: 'output', content: output },
      { kind: 'console', content: Buffer.from('[    0.0] Linux') },
    ],
    problems: [{ line: 1, text: 'what is this?' }],
  });
  await store.addTest(run.uuid, report);

  const detail = await store.run(run.uuid);
  const { logs: _, subtests, ...rest } = report;
  expect(detail).toMatchObject({ id, state: 'running', planned: run.planned, environment: run.environment });
  expect(detail?.tests).toMatchObject({ pass: 0, fail: 1 });
  expect(detail?.subtests).toMatchObject({ pass: 1, fail: 1, skip: 1 });
  expect(detail?.results).toMatchObject([{ ...rest, subtests }]);
  expect(detail?.results[0]?.subtests.map((subtest) => subtest.name)).toEqual([
    'zebra',
    'aardvark',
    'monkey',
  ]);
  expect(detail?.results[0]?.logs.map(({ kind, bytes, lines }) => [kind, bytes, lines])).toEqual([
    ['output', output.length, 2],
    ['console', 15, 1],
  ]);
  const hash = createHash('sha256').update(output).digest('hex');
  expect(Buffer.from((await store.log(hash))!).toString()).toBe(output.toString());
  const series = detail!.results[0]!.series;
  expect(await store.logOrigin(hash)).toEqual({ runId: id, series, test: 'mptcp_join.sh', kind: 'output' });
  await store.close();
});

test('what was recorded is recorded once, whatever is sent again', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  const run = aRun({ planned: [{ collection: 'c', name: 'silent' }] });
  const report = aTest({
    subtests: [aSubtest('x'), aSubtest('x')],
    logs: [{ kind: 'output', content: Buffer.from('l') }],
  });
  await store.startRun(run);
  await store.addTest(run.uuid, report);
  const once = dump(directory);
  await store.startRun({ ...run, uuid: run.uuid.toUpperCase(), suite: 'other', branch: { name: 'other' } });
  await store.addTest(run.uuid, report);
  await store.addTest(run.uuid, {
    ...report,
    outcome: 'fail',
    subtests: [aSubtest('x', { outcome: 'fail' })],
  });
  expect(dump(directory)).toEqual(once);

  const end = { state: 'incomplete', finishedAt: morning + 9000, reason: 'stopped' } as const;
  await store.finishRun(run.uuid, end);
  const closed = dump(directory);
  await store.finishRun(run.uuid, { ...end, state: 'error', reason: 'again' });
  await store.addTest(run.uuid, report);
  expect(dump(directory)).toEqual(closed);
  await store.close();
});

test('a retry replaces what the first attempt said, in whatever order they come', async ({
  onTestFinished,
}) => {
  for (const order of [
    [1, 2],
    [2, 1],
  ]) {
    const store = await openStore(await scratch(onTestFinished));
    const run = aRun();
    await store.startRun(run);
    for (const attempt of order) {
      const outcome = attempt === 1 ? 'fail' : 'pass';
      const only = attempt === 1 ? [aSubtest('first only', { outcome: 'skip' })] : [];
      await store.addTest(
        run.uuid,
        aTest({ attempt, outcome, subtests: [aSubtest('x', { outcome }), ...only] }),
      );
    }
    const detail = await store.run(run.uuid);
    expect(detail?.tests).toMatchObject({ pass: 1, fail: 0 });
    expect(detail?.subtests).toMatchObject({ pass: 1, fail: 0, skip: 1 });
    expect(detail?.results.map((result) => result.attempt)).toEqual([1, 2]);
    const history = await store.history(detail!.results[0]!.subtests[0]!.series, 10);
    expect(history).toMatchObject({
      counts: { pass: 1, fail: 0 },
      points: [{ outcome: 'pass', attempts: 2 }],
    });
    await store.close();
  }
});

test('a run that is not there, and one that is over', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  const run = aRun();
  await expect(store.addTest(run.uuid, aTest())).rejects.toThrow(/no run .*startRun/s);
  await expect(store.startRun(aRun({ uuid: 'tonight' }))).rejects.toThrow(/'tonight'.*UUID/s);
  await store.startRun(run);
  await store.finishRun(run.uuid, { state: 'complete', finishedAt: morning, reason: '' });
  await expect(store.addTest(run.uuid, aTest())).rejects.toThrow(
    /mptcp_join.sh came after .* closed as complete/,
  );
  await store.close();
});

test('what a guest says is bounded', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  const run = aRun();
  await store.startRun(run);
  const hostile = 'x\0\ud800'.repeat(10_000);
  const problems = Array.from({ length: 1500 }, (_, line) => ({ line, text: hostile.slice(0, 30) }));
  const subtests = Array.from({ length: 300 }, () => aSubtest(hostile, { message: hostile }));
  await store.addTest(run.uuid, aTest({ name: hostile, message: hostile, subtests, problems }));
  const [result] = (await store.run(run.uuid))!.results;
  expect(Buffer.byteLength(result!.name)).toBeLessThanOrEqual(1024);
  expect(Buffer.byteLength(result!.message)).toBeLessThanOrEqual(16 * 1024);
  expect(new Set(result!.subtests.map((subtest) => subtest.name)).size).toBe(300);
  expect(result!.problems).toHaveLength(1001);
  expect(result!.problems.at(-1)?.text).toBe('… and 500 more, not kept');
  await store.close();
});

test('VMs that report at once', async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  const run = aRun();
  await store.startRun(run);
  const names = Array.from({ length: 30 }, (_, vm) => `test ${vm % 20}`);
  await Promise.all(
    names.map((name, vm) => store.addTest(run.uuid, aTest({ name, vm, subtests: [aSubtest('x')] }))),
  );
  expect(await store.run(run.uuid)).toMatchObject({ tests: { pass: 20 }, subtests: { pass: 20 } });
  await store.close();
});
