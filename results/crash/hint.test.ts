// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { Hint } from './hint.ts';

const hint = new Hint(['BUG: ', 'WARNING: ']);
const mayBegin = (text: string): boolean => {
  const bytes = Buffer.from(`before\n${text}\nafter`);
  return hint.mayBegin(bytes, 7, bytes.length - 6);
};

test.each([
  'BUG: x',
  '  BUG: x',
  '[   12.345678] BUG: x',
  '[   12.345678][  T12] BUG: x',
  '[   12.345678][    C0]  WARNING: x',
  '<3>BUG: x',
  '<3>[    1.000000] BUG: x',
  '[\u00a0\u00a0 12.345678] BUG: x',
  'ok 1 - a [   12.345678] BUG: x',
  'Nov 22 13:00:00 host kernel: BUG: x',
  'Nov 22 13:00:00 host kernel: [    1.000000] BUG: x',
  '2026-11-22T10:11:12,345678+00:00 BUG: x',
  '\x1b[31mBUG: x',
  '[    1.000000] kworker/0:1: page allocation failure: order:4',
  '[    1.000000] a.out invoked oom-killer: gfp_mask=0',
  '[    1.000000] crasher: loading out-of-tree module taints kernel.\r',
])('%j is looked at', (text) => {
  expect(mayBegin(text)).toBe(true);
});

test.each([
  '',
  'B',
  'BUG',
  'a BUG: x',
  '# BUG: x',
  '[   12.345678] usb 1-1: BUG: x',
  'ok 1 - a',
  '12 BUGS',
  'WARNINGS: x',
])('%j is not', (text) => {
  expect(mayBegin(text)).toBe(false);
});
