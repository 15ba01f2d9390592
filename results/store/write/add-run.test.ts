// SPDX-License-Identifier: GPL-2.0-only
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkStore, openStore } from '../index.ts';
import { aRun, aSubtest, aTest, dump, morning, scratch } from '../test-support.ts';

const planned = ['a.sh', 'b.sh', 'silent.sh'].map((name) => ({ collection: 'net/mptcp', name }));
const end = { state: 'complete' as const, finishedAt: morning + 9, reason: '' };
const log = (text: string) => [{ kind: 'output' as const, content: Buffer.from(text) }];

test('of a run that goes on, what it lacks is added, and it is closed', async ({ onTestFinished }) => {
  const [cut, parts] = [await scratch(onTestFinished), await scratch(onTestFinished)];
  const start = aRun({ planned });
  const tests = [
    aTest({ name: 'a.sh', outcome: 'fail', subtests: [aSubtest('x', { outcome: 'fail' })], logs: log('1') }),
    aTest({ name: 'a.sh', attempt: 2, subtests: [aSubtest('x')], logs: log('2') }),
    aTest({ name: 'b.sh', outcome: 'timeout', message: 'late', problems: [{ line: 1, text: 'what?' }] }),
  ];
  const one = await openStore(cut);
  await one.startRun(start);
  await one.addTest(start.uuid, tests[0]!);
  for (const was of ['running', 'over']) expect(await one.addRun(start, tests, end)).toEqual({ id: 1, was });

  const other = await openStore(parts);
  await other.startRun(start);
  for (const each of tests) await other.addTest(start.uuid, each);
  await other.finishRun(start.uuid, end);
  expect(await one.run(1)).toEqual(await other.run(1));
  expect(await one.run(1)).toMatchObject({ state: 'incomplete', tests: { pass: 1, timeout: 1, missing: 1 } });
  for (const table of ['packed_run', 'failure', 'place', 'run_count', 'result'])
    expect(dump(cut)[table]).toEqual(dump(parts)[table]);
  await one.close();
  await other.close();
  expect((await checkStore(cut, { content: true })).problems).toEqual([]);
});

test('one that is over is left as it is, and nothing is written for it', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  const start = aRun();
  await store.addRun(start, [aTest({ logs: log('words') })], end);
  const before = dump(directory);
  const more = aTest({ name: 'later.sh', logs: log('more words') });
  expect(await store.addRun(start, [more], { ...end, state: 'error' })).toEqual({ id: 1, was: 'over' });
  expect(dump(directory)).toEqual(before);
  const files = await readdir(path.join(directory, 'logs'), { recursive: true });
  expect(files.filter((name) => name.endsWith('.zst'))).toHaveLength(1);
  await store.close();
});

test('what is told at second hand moves no branch and no revision that is stored', async ({
  onTestFinished,
}) => {
  const store = await openStore(await scratch(onTestFinished));
  onTestFinished(() => store.close());
  await store.addRun(aRun(), [aTest()], end);
  const told = {
    branch: { name: aRun().branch.name, url: 'https://example.org/other.git', ref: 'old' },
    revision: { ...aRun().revision, position: 99 },
  };
  const head = async (change: object) => {
    const { id } = await store.addRun(aRun({ ...told, ...change }), [aTest()], end);
    const { position, branchUrl, branchRef } = (await store.head(id))!;
    return [position, branchUrl, branchRef];
  };
  expect(await head({ secondHand: true })).toEqual([1, 'https://example.org/net-next.git', 'main']);
  const unknown = { secondHand: true, revision: { name: 'other', position: 99 } };
  expect((await head(unknown))[0]).toBe(99);
  expect(await head({})).toEqual([99, 'https://example.org/other.git', 'old']);
});
