// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { glyphs } from '../../results/glyphs.ts';
import { countOutcomes, noCounts, outcomes } from '../../results/words.ts';
import { countsLine, duration, printable } from './text.ts';

test('every outcome has a glyph of its own', () => {
  expect(new Set(outcomes.map((outcome) => glyphs[outcome])).size).toBe(outcomes.length);
});

test('counts are told where there are any', () => {
  expect(countsLine(countOutcomes(['fail', 'pass', 'pass', 'error']))).toBe('2 pass, 1 fail, 1 error');
  expect(countsLine(noCounts())).toBe('nothing');
});

test.each([
  [0, '0 ms'],
  [153.4, '153 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [42_149, '42.1 s'],
])('%f ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('printable text has no control character but tab and line feed, and loses no other', () => {
  expect(printable('\x1b[31mred\x1b[0m\ttab\nline')).toBe('red\ttab\nline');
  const hostile = fc.array(
    fc.constantFrom('\x1b', '[', ']', '0;', '31m', '\x9b', '\x07', '\r', '\0', 'a', 'ü', '\n'),
  );
  fc.assert(
    fc.property(
      hostile.map((pieces) => pieces.join('')),
      (text) => {
        expect(printable(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
        expect(printable(text).split('\n')).toHaveLength(text.split('\n').length);
      },
    ),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      expect(printable(text)).toBe(text);
    }),
  );
});
