// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { PlainResult } from './plain-result.ts';
import { parseResultLine } from './result-line.ts';

/** What is read of a line, with another one behind it; null where it has to be read as a string. */
function read(line: string, behind = '5 x\n'): PlainResult | null {
  const result = new PlainResult();
  const before = 'x\n';
  const bytes = Buffer.from(`${before}${line}\n${behind}`);
  return result.read(bytes, before.length, before.length + line.length) ? result : null;
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
  ...['ok 1 selftests: a: b ', 'ok 1 selftests: a: b]', 'ok 1 selftests: a#: b', 'ok 1 selftests:  a: b'],
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
  let at = 0;
  for (const line of lines) {
    expect(result.read(bytes, at, at + line.length)).toBe(true);
    expect(result).toMatchObject(parseResultLine(line)!);
    at += line.length + 1;
  }
});

test('bytes that changed are not read from memory', () => {
  const result = new PlainResult();
  const bytes = Buffer.from('ok 1 - one\n');
  result.read(bytes, 0, 10);
  bytes.write('two', 7);
  result.clear();
  result.read(bytes, 0, 10);
  expect(result.name).toBe('two');
});
