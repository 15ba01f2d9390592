// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wilsonInterval } from './wilson.ts';

test.each([
  [0, 10, 0, 0.277_532_8],
  [0, 100, 0, 0.036_993_5],
  [1, 100, 0.001_767_4, 0.054_486_2],
  [2, 50, 0.011_038_9, 0.134_600_9],
  [5, 10, 0.236_593_1, 0.763_406_9],
  [1, 1, 0.206_549_3, 1],
])('%i of %i', (events, n, low, high) => {
  const interval = wilsonInterval(events, n);
  expect(interval[0]).toBeCloseTo(low, 7);
  expect(interval[1]).toBeCloseTo(high, 7);
});

test('all of the vectors that were decided on', ({ skip }) => {
  const path = join(import.meta.dirname, '../../../shared/vectors/statistics.json');
  let vectors: Record<string, [number, number]>;
  try {
    vectors = JSON.parse(readFileSync(path, 'utf8')).wilson95;
  } catch {
    return skip('the vectors are not beside this checkout: ../shared/vectors/statistics.json');
  }
  for (const [key, [low, high]] of Object.entries(vectors)) {
    const [events, n] = key.split('/').map(Number) as [number, number];
    const interval = wilsonInterval(events, n);
    expect(interval[0]).toBeCloseTo(low, 12);
    expect(interval[1]).toBeCloseTo(high, 12);
  }
});

test('holds the rate, narrows with more trials, and mirrors; all is possible where nothing was tried', () => {
  expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
      const events = Math.round(part * n);
      const [low, high] = wilsonInterval(events, n);
      expect(low).toBeLessThanOrEqual(events / n + 1e-12);
      expect(high).toBeGreaterThanOrEqual(events / n - 1e-12);
      const [lowOf, highOf] = wilsonInterval(n - events, n);
      expect(lowOf).toBeCloseTo(1 - high, 9);
      expect(highOf).toBeCloseTo(1 - low, 9);
      const [twiceLow, twiceHigh] = wilsonInterval(2 * events, 2 * n);
      expect(twiceHigh - twiceLow).toBeLessThan(high - low);
    }),
  );
});
