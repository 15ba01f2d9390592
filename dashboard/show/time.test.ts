// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { ago, duration, iso, utc } from './time.ts';

test.each([
  [0, '0 ms'],
  [153, '153 ms'],
  [999.4, '999 ms'],
  [1000, '1.0 s'],
  [33_497, '33.5 s'],
  [59_940, '59.9 s'],
  [59_990, '1 min 00 s'],
  [129_696, '2 min 10 s'],
  [3_599_700, '1 h 00 min'],
  [3_840_000, '1 h 04 min'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

const now = Date.UTC(2026, 10, 22, 12);

test.each([
  [0, 'just now'],
  [-30_000, 'just now'],
  [300_000, '5 min ago'],
  [7_200_000, '2 h ago'],
  [3 * 86_400_000, '3 d ago'],
  [20 * 86_400_000, '2026-11-02'],
  // A clock that goes wrong somewhere: say the date rather than "in -3 hours".
  [-86_400_000, '2026-11-23'],
])('%d ms before now is %s', (passed, text) => {
  expect(ago(now - passed, now)).toBe(text);
});

test('absolute times are UTC, and no number makes them throw', () => {
  expect(utc(now)).toBe('2026-11-22 12:00:00 UTC');
  expect(iso(8.64e15 + 1)).toBe('1970-01-01T00:00:00.000Z');
});
