// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { sliceLines } from './lines.ts';

const bytes = (text: string) => Buffer.from(text);
const texts = (text: string, from = 1, count = 10) =>
  sliceLines(bytes(text), from, count).lines.map((line) => line.text);

test('a last line without newline counts, an empty one behind the last newline does not', () => {
  expect(sliceLines(bytes('a\nb'), 1, 9).total).toBe(2);
  expect(sliceLines(bytes('a\nb\n'), 1, 9).total).toBe(2);
  expect(sliceLines(bytes('\n'), 1, 9).total).toBe(1);
  expect(sliceLines(bytes(''), 1, 9)).toEqual({ total: 0, lines: [] });
});

test('gives the lines asked for, with their numbers', () => {
  expect(sliceLines(bytes('a\nb\nc\nd\n'), 2, 2).lines.map((line) => [line.number, line.text])).toEqual([
    [2, 'b'],
    [3, 'c'],
  ]);
  expect(texts('a\n', 5)).toEqual([]);
});

test('drops the CR of a serial console, keeps others', () => {
  expect(texts('a\r\nb\r\r\nc\rd\n')).toEqual(['a', 'b', 'c\rd']);
});

test('invalid UTF-8 and cut characters are replaced, not thrown at', () => {
  const { lines } = sliceLines(Buffer.from([0xc3, 0x28, 0xff, 0x0a, 0xe2, 0x82]), 1, 9);
  expect(lines.map((line) => line.text)).toEqual(['\ufffd(\ufffd', '\ufffd']);
});

test('a long line is cut, and says by how much', () => {
  const { lines } = sliceLines(Buffer.alloc(10_000, 'x'), 1, 1);
  expect(lines[0]).toMatchObject({ cutBytes: 6000 });
  expect(lines[0]!.text).toHaveLength(4000);
});
