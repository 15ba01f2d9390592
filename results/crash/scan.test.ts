// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { LineScanner, maxLineBytes } from './scan.ts';

function scan(...chunks: (string | Uint8Array)[]): [string, number][] {
  const lines: [string, number][] = [];
  const scanner = new LineScanner((bytes, start, end, line) =>
    lines.push([bytes.toString('utf8', start, end), line]),
  );
  for (const chunk of chunks) scanner.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  scanner.end();
  return lines;
}

test('lines go over chunks and are counted from 1', () => {
  expect(scan('a\nb', '', 'c\n', '\n', 'd')).toEqual([
    ['a', 1],
    ['bc', 2],
    ['', 3],
    ['d', 4],
  ]);
});

test('of a long line the prefix is given, in one chunk or in many', () => {
  const long = `${'x'.repeat(maxLineBytes + 10)}\nnext\n`;
  const expected = [
    ['x'.repeat(maxLineBytes), 1],
    ['next', 2],
  ];
  expect(scan(long)).toEqual(expected);
  expect(scan(...[...long].map((character) => character))).toEqual(expected);
});
