// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactInterval } from './interval.ts';

// R: binom.test(x, n)$conf.int
test.each([
  [0, 10, 0, 0.3084971],
  [1, 10, 0.002528579, 0.4450161],
  [5, 10, 0.187086, 0.812914],
  [0, 100, 0, 0.03621669],
  [2, 50, 0.004881433, 0.1371376],
  [10, 10, 0.6915029, 1],
  [0, 1, 0, 0.975],
])('%i of %i', (failures, n, low, high) => {
  const interval = exactInterval(failures, n);
  expect(interval[0]).toBeCloseTo(low, 6);
  expect(interval[1]).toBeCloseTo(high, 6);
});

test('nothing is known of what was never tried', () => {
  expect(exactInterval(0, 0)).toEqual([0, 1]);
});

test('holds the rate, narrows with more trials, and mirrors', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
      const failures = Math.round(part * n);
      const [low, high] = exactInterval(failures, n);
      expect(low).toBeLessThanOrEqual(failures / n + 1e-12);
      expect(high).toBeGreaterThanOrEqual(failures / n - 1e-12);
      const [lowOf, highOf] = exactInterval(n - failures, n);
      expect(lowOf).toBeCloseTo(1 - high, 9);
      expect(highOf).toBeCloseTo(1 - low, 9);
      const [twiceLow, twiceHigh] = exactInterval(2 * failures, 2 * n);
      expect(twiceHigh - twiceLow).toBeLessThan(high - low);
    }),
    { numRuns: 50 },
  );
});
