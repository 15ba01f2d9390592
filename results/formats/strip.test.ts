// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { stripStamps, stripTerminal } from './strip.ts';

test.each([
  ['\x1b[1;32mok 1\x1b[0m - x\x1b[K', 'ok 1 - x'],
  ['\x1b]0;title\x07ok 1', 'ok 1'],
  ['\x1b]8;;http://x\x1b\\ok 1', 'ok 1'],
  ['\x1b(Bok 1\x1bM', 'ok 1'],
  ['ok 1 - x\r\r', 'ok 1 - x'],
  ['\rok 1', 'ok 1'],
  ['10%\rok 1', '10% ok 1'],
  ['o\0k 1\x07', 'ok 1'],
  ['\ufeffTAP version 13', 'TAP version 13'],
  ['a\x1b', 'a'],
  ['\tok 1', '\tok 1'],
])('terminal: %j', (line, stripped) => expect(stripTerminal(line)).toBe(stripped));

test.each([
  ['[   12.345678] ok 1', 'ok 1'],
  ['[    0.060000][    T1]   ok 1', '  ok 1'],
  ['[    0.060000] \tok 1', '\tok 1'],
  ['<3>[  107.408167] ok 1', 'ok 1'],
  ['<6>ok 1', 'ok 1'],
  ['[  +0.005254] ok 1', 'ok 1'],
  ['[\u00a0\u00a0107.408167] ok 1', 'ok 1'],
  ['[   12.345678][   C0] [   12.345679] ok 1', 'ok 1'],
  ['[Sun Nov 22 10:11:12 2026] ok 1', 'ok 1'],
  ['2026-11-22T10:11:12,345678+00:00 ok 1', 'ok 1'],
  ['4.22 [+0.02] ok 1', 'ok 1'],
  ['[12.345678]', ''],
  ['[ OK ] fine', '[ OK ] fine'],
  ['1..3', '1..3'],
])('stamp: %j', (line, stripped) => expect(stripStamps(line)).toBe(stripped));
