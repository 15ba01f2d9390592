// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { stamped, warn } from '../crash/testing.ts';
import { log } from './log.ts';
import { inMemory, modified, outline, readAll } from './testing.ts';

const read = (...lines: string[]) => readAll(log, inMemory(`${lines.join('\n')}\n`, 'a.log'));
const splat = stamped(warn('net/mptcp/pm.c:12 mptcp_a', 'mptcp_b'));

test('each test has the whole log, and lines are those of the file', async () => {
  const lines = [
    ...['TAP version 13', '1..2', '# selftests: net: a.sh', '# ok 1 one', '# not ok 2 two'],
    ...[
      'not ok 1 selftests: net: a.sh # exit=1',
      '# selftests: net: b.sh',
      'ok 2 selftests: net: b.sh',
      '# bye',
    ],
  ];
  const { runs } = await read(...lines);
  const [a, b] = runs[0]!.tests;
  expect(outline(runs[0]!.tests)).toEqual(['fail net: a.sh#1 (pass one, fail two)', 'pass net: b.sh#1']);
  for (const { logs } of [a!, b!])
    expect(Buffer.from(logs[0]!.content).toString()).toBe(`${lines.join('\n')}\n`);
  expect([a!.line, a!.subtests[1]!.line, b!.line]).toEqual([6, 5, 8]);
  expect(a!.exitCode).toBe(1);
});

test('a crash goes with the test that ran, which has not passed', async () => {
  const { runs } = await read('1..2', 'ok 1 - a', ...splat, 'ok 2 - b');
  const b = runs[0]!.tests[1]!;
  expect(b).toMatchObject({
    outcome: 'fail',
    message: expect.stringContaining('kernel: WARNING in mptcp_a'),
  });
  const console = b.logs.find(({ kind }) => kind === 'console')!;
  expect(Buffer.from(console.content).toString().split('\n')[b.crashes![0]!.line - 1]).toContain('cut here');
});

test('a crash with nobody to blame is a test of its own', async () => {
  const after = await read('1..1', 'ok 1 - a', ...splat);
  expect(outline(after.runs[0]!.tests)).toEqual(['pass : a#1', 'crash : kernel log#1']);
  const alone = await read(...splat);
  expect(outline(alone.runs[0]!.tests)).toEqual(['crash : kernel log#1']);
});

test('a crash before the first result is nobody’s', async () => {
  const { runs } = await read(...splat, '1..1', '# selftests: net: a.sh', 'ok 1 selftests: net: a.sh');
  expect(outline(runs[0]!.tests)).toEqual(['pass net: a.sh#1', 'crash : kernel log#1']);
});

test('a warning that comes with each of many tests fails each of them', async () => {
  const report = warn('net/mptcp/pm.c:12 mptcp_a', 'mptcp_b');
  const lines = Array.from({ length: 150 }, (_, i) => [
    ...stamped(report, 12 + i),
    `ok ${i + 1} - t${i}`,
  ]).flat();
  const { runs } = await read('1..150', ...lines);
  expect(new Set(runs[0]!.tests.map(({ outcome }) => outcome))).toEqual(new Set(['fail']));
  expect(runs[0]!.tests).toHaveLength(150);
});

test('what is not complete says so, and what is missing is a test', async () => {
  const { runs, problems, notes } = await read('1..3', 'ok 1 - a');
  expect(runs[0]!.end.state).toBe('incomplete');
  expect(outline(runs[0]!.tests)).toEqual(['pass : a#1', 'missing : unnamed results (missing)#1']);
  expect(runs[0]!.tests[1]!.message).toBe('2 in the log, counted without a name');
  expect(problems).toEqual([]);
  expect(notes[0]).toBe(': it tells no date: that of the file is taken');
  expect(runs[0]!.start.startedAt).toBe(modified);
});

test('a log that only skips says why', async () => {
  const { runs } = await read('TAP version 13', '1..0 # SKIP no root');
  expect(runs[0]!.tests).toMatchObject([{ name: 'the whole log', outcome: 'skip', message: 'no root' }]);
});

test('a log of failures without names has failed', async () => {
  const { runs } = await read('{"success":3,"success_subtest":3,"skipped":0,"failed":2,"results":[]}');
  expect(runs[0]!.tests.some(({ outcome }) => outcome === 'fail')).toBe(true);
});

test('the dialect is a fact and no suite: a test has one history whatever its log looks like', async () => {
  const plain = await read('1..1', 'ok 1 selftests: net: a.sh');
  const noisy = await read('[    1.000000] x', '1..1', 'ok 1 selftests: net: a.sh');
  expect([plain, noisy].map(({ runs }) => runs[0]!.start.environment.dialect)).toEqual(['tap', 'console']);
  for (const { runs } of [plain, noisy]) expect(runs[0]!.start.suite).toBe('imported');
});

test('the same content for another branch is another run', async () => {
  const file = inMemory('ok 1 - a\n');
  const uuid = async (branch?: string) =>
    (await readAll(log, file, branch === undefined ? {} : { branch })).runs[0]!.start.uuid;
  expect(await uuid()).toBe(await uuid());
  expect(await uuid('net')).not.toBe(await uuid());
});

test.each([
  ['', 'is empty'],
  ['hello\nworld\n', 'holds no result and no crash, in 2 lines'],
  ['\0\0\0', 'is no text'],
])('refuses %j', async (content, why) => {
  await expect(readAll(log, inMemory(content))).rejects.toThrow(why);
});

test('names with NULs, and a line of 10 MB', async () => {
  const { runs } = await read('ok 1 - a\0b', `ok 2 - ${'x'.repeat(10_000_000)}`, 'ok 3 - __proto__');
  expect(runs[0]!.tests).toHaveLength(3);
});
