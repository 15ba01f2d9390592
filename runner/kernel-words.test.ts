// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { UsageTrouble } from '../vm/trouble.ts';
import { kernelWords, parseModule } from './kernel-words.ts';

describe('words for the kernel’s command line', () => {
  test.each([
    ['', []],
    ['  a=1   b ', ['a=1', 'b']],
    ['dyndbg="file net/mptcp/* +p" quiet', ['dyndbg="file net/mptcp/* +p"', 'quiet']],
  ])('%j', (text, words) => {
    expect(kernelWords(text)).toEqual(words);
  });

  test.each(['a="b', 'a\nb', 'ü', 'a\0b'])('%j is refused', (text) => {
    expect(() => kernelWords(text)).toThrow(UsageTrouble);
  });
});

describe('a module with parameters', () => {
  test.each([
    ['veth', { name: 'veth', append: [] }],
    ['dummy numdummies=2', { name: 'dummy', append: ['dummy.numdummies=2'] }],
    ['snd-dummy a b="c d"', { name: 'snd-dummy', append: ['snd_dummy.a', 'snd_dummy.b="c d"'] }],
  ])('%j', (text, expected) => {
    expect(parseModule(text)).toEqual(expected);
  });

  test.each(['', ' ', '-r veth', '../x', 'veth;reboot', 'veth -f', 'veth =1'])('%j is refused', (text) => {
    expect(() => parseModule(text)).toThrow(/is no module with its parameters/);
  });
});
