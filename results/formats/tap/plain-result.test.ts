// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { findLineEnds } from '../line-ends.ts';
import { maxLineBytes } from '../lines.ts';
import { Backlog, HEADER, PLAN, RESULT, RUNNER_RESULT, UNSURE, VERSION } from './backlog.ts';
import { parsePlan, parseRunnerHeader, parseVersion } from './other-lines.ts';
import { PlainResult, runnerNames } from './plain-result.ts';
import { parseResultLine } from './result-line.ts';

/** What is seen of lines. */
function look(bytes: Buffer): Backlog {
  const backlog = new Backlog();
  backlog.look(bytes, 0, findLineEnds(bytes, 0), 1, maxLineBytes);
  return backlog;
}

/** What is read of a line, with another one behind it; null where it has to be read as a string. */
function read(line: string, behind = '5 x\n'): PlainResult | null {
  const bytes = Buffer.from(`x\n${line}\n${behind}`);
  const backlog = look(bytes);
  const kind = backlog.kind(1);
  expect([RESULT, RUNNER_RESULT, UNSURE]).toContain(kind);
  if (kind === UNSURE) return null;
  const result = new PlainResult();
  result.read(bytes, backlog, 1);
  return result;
}

const plain = [
  ...['ok 1', 'ok 1 ', 'ok  12', 'ok\t3', 'not ok 4', 'not ok 123456789', 'ok 0', 'ok 007 x', 'ok 1 name'],
  ...[
    'ok 1 - name',
    'ok 1 -',
    'ok 1 - ',
    'ok 1 -\tname',
    'ok 1 --',
    'ok 1 -name',
    'ok 1 - - name',
    'ok 1 -  a  b  ',
  ],
  ...[
    'not ok 2 - a: b (c) [d',
    'ok 1 name # time=3ms',
    'ok 1 - name  # time=46ms',
    'ok 1 - name\t# time=0ms  ',
  ],
  ...[
    'not ok 1 a # time=123456789ms',
    'ok 1 - not ok 2',
    'ok 1 selftests',
    'ok 1 selftests:',
    'ok 1 - selftestz: a: b',
  ],
  ...[
    'ok 1 selftests: net/mptcp: diag.sh',
    'not ok 12 selftests: a: b',
    'ok 1 - selftests: a: b',
    'ok 1 selftests: a:b: c',
    'ok 1 selftests: a: b ',
  ],
  `ok 1 - ${'a'.repeat(2000)}`,
];

const others = [
  ...[
    'ok',
    'not ok',
    'ok ',
    'ok name',
    'ok - name',
    'ok 1.5',
    'ok 1x',
    'ok 1-',
    'ok 1- a',
    'ok 1234567890',
    'ok -1',
  ],
  ...[
    'ok 1 # SKIP',
    'ok 1 - a # SKIP why',
    'ok 1 - # time=3ms',
    'ok 1 # time=3ms',
    'ok 1 a# time=3ms',
    'ok 1 a #time=3ms',
  ],
  ...['ok 1 a # time=3s', 'ok 1 a # time=ms', 'ok 1 a # time=3', 'ok 1 a # time=3m', 'ok 1 a # time=3mx'],
  ...[
    'ok 1 a # time=1.5ms',
    'ok 1 a # time=3ms x',
    'ok 1 a # time=1234567890ms',
    'ok 1 a #  time=3ms',
    'ok 1 a # tim',
  ],
  ...['ok 1 a\\#b', 'ok 1 a\\', 'ok 1 a]', 'ok 1 [    1.000000] x', 'ok 1 a # exit=1', 'ok 1 a #'],
  ...['ok 1 selftests: a: b c', 'ok 1 selftests: a: b # SKIP', 'ok 1 selftests: a b', 'ok 1 selftests: : b'],
  ...[
    'ok 1 selftests: a: ',
    'ok 1 selftests: a:',
    'ok 1 selftests: a',
    'ok 1 selftests: ',
    'ok 1 selftests: a:\tb',
  ],
  ...['ok 1 selftests: a: b]', 'ok 1 selftests: a#: b', 'ok 1 selftests:  a: b'],
  'ok 1 selftests: a: b\\',
];

describe('plain', () => {
  test.each(plain)('%j', (line) => {
    const result = read(line);
    expect(result).not.toBeNull();
    // As it is of the string.
    expect(result).toMatchObject(parseResultLine(line.trimEnd())!);
  });
});

describe('not plain', () => {
  test.each(others)('%j', (line) => {
    expect(read(line)).toBeNull();
  });
});

test('an end of the input that looks as if a line went on', () => {
  for (const line of [...plain, ...others])
    for (const behind of ['', 'b\n', ' 1\n', '- x\n', 's\n', 'ms\n'])
      expect(read(line, behind) === null, line).toBe(others.includes(line));
});

test('each line forgets what came before', () => {
  const result = new PlainResult();
  const lines = ['not ok 7 a # time=3ms', 'ok 2 selftests: n: t', 'ok 3 - b'];
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const backlog = look(bytes);
  lines.forEach((line, index) => {
    result.read(bytes, backlog, index);
    expect(result).toMatchObject(parseResultLine(line)!);
  });
});

test('bytes that changed are not read from memory', () => {
  const result = new PlainResult();
  const bytes = Buffer.from('ok 1 - one\n');
  const backlog = look(bytes);
  result.read(bytes, backlog, 0);
  bytes.write('two', 7);
  result.clear();
  result.read(bytes, backlog, 0);
  expect(result.name).toBe('two');
});

/** What was seen of a line of another kind, with other lines around it; null where its string has to be read. */
function seen(line: string, behind: string): unknown {
  const bytes = Buffer.from(`x\n# ${line}\n${behind}`);
  const backlog = look(bytes);
  const kind = backlog.kind(1);
  if (kind === HEADER) return runnerNames(bytes, backlog, 1);
  if (kind === VERSION) return backlog.number(1) === 1 ? 'ktap' : 'tap';
  if (kind === PLAN) return backlog.number(1);
  expect(kind).toBe(UNSURE);
  return null;
}

describe.each(['', ' 1\n', '1\n', 'x: y\n', '..3\n'])('before %j', (behind) => {
  test.each(['selftests: net/mptcp: diag.sh', 'selftests: a:b: c', 'selftests: a: b: '])(
    'header %j',
    (line) => {
      expect(seen(line, behind)).toEqual(parseRunnerHeader(line.trimEnd()));
    },
  );

  test.each(['TAP version 13', 'KTAP version 1', 'TAP version 123', 'TAP version 14 \t'])(
    'version %j',
    (line) => {
      expect(seen(line, behind)).toBe(parseVersion(line.trimEnd()));
    },
  );

  test.each(['1..3', '1..0', '1..007', '1..123456789', '1..2 '])('plan %j', (line) => {
    expect(seen(line, behind)).toBe(parsePlan(line.trimEnd())!.count);
  });

  test.each([
    ...[
      'selftests: a',
      'selftests: a b',
      'selftests: : b',
      'selftests: a: ',
      'selftests: a:',
      'selftests:a: b',
    ],
    ...['selftests: a: b c', 'selftests: a: b#', 'selftests', 'selfish', 'self', 'se', 'selftests: a\tb: c'],
    ...[
      'TAP version ',
      'TAP version 1234',
      'TAP version 1.2',
      'TAP version 13 x',
      'tap version 13',
      'Tap',
      'Ta',
    ],
    ...['TAP', 'KTAP', 'KTAP version', 'KT', 'TAP Version 13'],
    ...['1..', '1..x', '1..1234567890', '1..3 x', '1..0 # SKIP why', '1.', '1.2', '1..3.'],
  ])('unsure %j', (line) => {
    expect(seen(line, behind)).toBeNull();
  });
});
