// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { readLine } from './stamp.ts';

test.each([
  ['[   12.345678] text', 'text', 12_345.678, null],
  ['[   12.345678][ T123] text', 'text', 12_345.678, 'T123'],
  ['[   12.345678][    C0]  text', ' text', 12_345.678, 'C0'],
  ['<3>[  107.408167] text', 'text', 107_408.167, null],
  ['[\u00a0\u00a0 12.345678] text', 'text', 12_345.678, null],
  ['[  +0.005254] text', 'text', null, null],
  ['[Sun Nov 22 10:11:12 2026] text', 'text', null, null],
  ['2026-11-22T10:11:12,345678+00:00 text', 'text', null, null],
  ['Nov 22 13:00:00 host kernel: [   12.345678] text', 'text', 12_345.678, null],
  ['Nov 22 13:00:00 host kernel: text', 'text', null, null],
  ['\x1b[32m[   12.345678] \x1b[0mtext\r', 'text', 12_345.678, null],
  ['\0\0[   12.345678] text', 'text', 12_345.678, null],
])('%j', (raw, text, timeMs, caller) => {
  expect(readLine(raw, 1)).toEqual({ line: 1, text, timeMs, caller, stamped: true });
});

test('what no stamp stands before is not the kernel for sure', () => {
  expect(readLine('text', 7)).toEqual({ line: 7, text: 'text', timeMs: null, caller: null, stamped: false });
});

test('behind an unfinished line of a program the kernel goes on', () => {
  expect(readLine('ok 1 - a [   12.345678][  C1] BUG: x', 1)).toMatchObject({
    text: 'BUG: x',
    caller: 'C1',
    stamped: true,
  });
  expect(readLine('[    1.000000] RIP: 0010:f[    2.000000] BUG: x', 1)).toMatchObject({
    text: 'BUG: x',
    timeMs: 2000,
  });
});

test('brackets of the text stay', () => {
  expect(readLine('[   12.345678] a [1.5] b', 1).text).toBe('a [1.5] b');
});
