// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { subtestNames } from './subtest-names.ts';

test('the second x is x [2]', () => {
  expect(subtestNames(['x', 'y', 'x', 'x'])).toEqual(['x', 'y', 'x [2]', 'x [3]']);
});

test('a name that was printed like that keeps its place', () => {
  expect(subtestNames(['x', 'x [2]', 'x'])).toEqual(['x', 'x [2]', 'x [3]']);
  expect(subtestNames(['x', 'x', 'x [2]'])).toEqual(['x', 'x [2]', 'x [2] [2]']);
});

test('an empty name is not the test', () => {
  expect(subtestNames(['', '\0'])).toEqual(['(no name)', '(no name) [2]']);
});

test('none collapse, whatever was printed, and what was kept is kept again', () => {
  const long = 'x'.repeat(2000);
  const cut = subtestNames([long, long]);
  const name = fc.constantFrom(
    ...['x', 'x [2]', 'x [3]', 'x [2] [2]', '', '(no name)', 'y', long, 'x'.repeat(1022), ...cut],
  );
  fc.assert(
    fc.property(fc.array(name), (names) => {
      const kept = subtestNames(names);
      expect(new Set(kept).size).toBe(names.length);
      expect(Math.max(0, ...kept.map((one) => Buffer.byteLength(one)))).toBeLessThanOrEqual(1024);
      expect(subtestNames(kept)).toEqual(kept);
    }),
    { numRuns: 1000 },
  );
});

test('many alike cost no more than many different', () => {
  expect(new Set(subtestNames(Array.from({ length: 50_000 }, () => 'x'))).size).toBe(50_000);
});
