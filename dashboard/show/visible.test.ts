// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { pieces, visible } from './visible.ts';

test.each([
  ['plain', 'plain'],
  ['\x1b[1;31mred\x1b[0m', 'red'],
  ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x07', 'link'],
  ['\x1b(Bcharset\x1b7', 'charset'],
  ['cut \x1b[31', 'cut ^[[31'],
  ['a\x00b\x07c\x7f', 'a^@b^Gc^?'],
  ['progress\r100%', 'progress^M100%'],
  ['tab\tstays', 'tab\tstays'],
  ['c1\x85', 'c1<U+0085>'],
  ['evil\u202etxt.exe', 'evil<U+202E>txt.exe'],
  ['zero\u200bwidth\ufeff', 'zero<U+200B>width<U+FEFF>'],
  ['ünïcödé ✓ 日本', 'ünïcödé ✓ 日本'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('stand-ins are told from text that looks like them', () => {
  expect(pieces('^@\x00')).toEqual([
    { text: '^@', control: false },
    { text: '^@', control: true },
  ]);
});

test('a megabyte of escapes takes no time', () => {
  const before = performance.now();
  visible('\x1b]'.repeat(200_000));
  visible('\x1b['.repeat(200_000));
  visible(`\x1b]${'x'.repeat(500_000)}`);
  expect(performance.now() - before).toBeLessThan(2000);
});
