// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { noCounts, outcomes } from '../../results/words.ts';
import { glyphOf, passRate, severity, tally } from './outcome.ts';

test('no two outcomes share a glyph', () => {
  expect(new Set(outcomes.map(glyphOf)).size).toBe(outcomes.length);
});

test('every outcome has its place, crashes first', () => {
  const sorted = [...outcomes].sort((a, b) => severity(a) - severity(b));
  expect([sorted[0], sorted.at(-1)]).toEqual(['crash', 'pass']);
  expect(outcomes.every((outcome) => severity(outcome) >= 0)).toBe(true);
});

test('a tally leaves out what did not occur', () => {
  expect(tally({ ...noCounts(), pass: 3, fail: 1 })).toEqual([
    { outcome: 'fail', count: 1 },
    { outcome: 'pass', count: 3 },
  ]);
});

test('the pass rate counts only what judges the kernel', () => {
  expect(passRate({ ...noCounts(), skip: 4, error: 1, missing: 2 })).toBeNull();
  expect(passRate({ ...noCounts(), pass: 3, xfail: 1, skip: 9 })).toEqual({
    passed: 4,
    judged: 4,
    percent: '100',
  });
  expect(passRate({ ...noCounts(), pass: 1, timeout: 1 })?.percent).toBe('50');
  expect(passRate({ ...noCounts(), pass: 99_999, crash: 1 })?.percent).toBe('99.9');
});
