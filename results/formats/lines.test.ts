// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { LineSplitter, maxLineBytes } from './lines.ts';

function split(...chunks: (string | Uint8Array)[]): [string, number, boolean][] {
  const lines: [string, number, boolean][] = [];
  const splitter = new LineSplitter((text, line, cut) => lines.push([text, line, cut]));
  for (const chunk of chunks) splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  splitter.end();
  return lines;
}

test('lines are counted from 1 and may go over chunks', () => {
  expect(split('a\nb', 'c\n', '\n')).toEqual([
    ['a', 1, false],
    ['bc', 2, false],
    ['', 3, false],
  ]);
});

test('the last line needs no newline', () => {
  expect(split('a\nb')).toHaveLength(2);
  expect(split('')).toEqual([]);
});

test('a character is not broken by a chunk border', () => {
  const bytes = Buffer.from('é€😀\n');
  expect(split(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([['é€😀', 1, false]]);
});

test('invalid UTF-8 is replaced', () => {
  expect(split(Uint8Array.of(0x61, 0xff, 0x62, 0x0a))).toEqual([['a\ufffdb', 1, false]]);
});

test('a long line keeps a prefix of whole characters', () => {
  const [[text, line, cut], next] = split(`x${'€'.repeat(1_000_000)}\nnext\n`) as [
    [string, number, boolean],
    unknown,
  ];
  expect([line, cut]).toEqual([1, true]);
  expect(text).toBe(`x${'€'.repeat(Math.floor((maxLineBytes - 1) / 3))}`);
  expect(next).toEqual(['next', 2, false]);
});

test('a line of exactly the limit is whole', () => {
  expect(split(`${'x'.repeat(maxLineBytes)}\n`)).toEqual([['x'.repeat(maxLineBytes), 1, false]]);
});
