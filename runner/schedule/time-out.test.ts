// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { stretch } from './time-out.ts';
import { lookLeadMs } from './watch.ts';

test.each([
  [45, 1, 45],
  [45, 8, 360],
  [1800, 10, 3600],
  [7200, 10, 7200],
  [0, 10, 21_600],
])('%i s in a guest that is %i times slower: %i s', (seconds, factor, expected) => {
  expect(stretch(seconds, factor)).toBe(expected);
});

test.each([
  [1_000, 500],
  [3_000, 1_500],
  [20_000, 2_000],
  [90_000, 9_000],
  [3_600_000, 10_000],
])('a test with %i ms is looked at %i ms before', (timeoutMs, lead) => {
  expect(lookLeadMs(timeoutMs)).toBe(lead);
});
