// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { consoleLines, kernelTime } from './lines.ts';

test.each([
  ['[    1.234567] eth0: up', 1234.567],
  ['<6>[12345.000001] x', 12_345_000.001],
  ['[    1.234567][  T123] x', 1234.567],
  ['[  +0.005254] x', null],
  ['[1.2] x', null],
  ['ok 1 - [    1.234567]', null],
  ['', null],
])('%j: the kernel’s time is %s', (line, ms) => {
  expect(kernelTime(line)).toBe(ms);
});

test('lines carry the time at which their first byte arrived', () => {
  const bytes = Buffer.from('first\r\n[    2.000000] second\n\nhalf');
  const arrivedAt = (offset: number) => (offset < 107 ? 10 : 20);
  expect([...consoleLines(bytes, 100, arrivedAt)]).toEqual([
    { arrivedMs: 10, kernelMs: null, text: 'first' },
    { arrivedMs: 20, kernelMs: 2000, text: '[    2.000000] second' },
    { arrivedMs: 20, kernelMs: null, text: '' },
    { arrivedMs: 20, kernelMs: null, text: 'half' },
  ]);
});

test('a line without end is bounded', () => {
  const [line] = consoleLines(Buffer.alloc(1 << 20, 'x'), 0, () => 0);
  expect(line!.text).toHaveLength(4096);
});
