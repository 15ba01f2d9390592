// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { branchUrl, logUrl, safeWebUrl } from './links.ts';

test('a line’s link leads to the page of the log that holds it', () => {
  expect(logUrl('ab', 1)).toBe('/log/ab#L1');
  expect(logUrl('ab', 2000)).toBe('/log/ab#L2000');
  expect(logUrl('ab', 2001)).toBe('/log/ab?from=2001#L2001');
  expect(logUrl('ab')).toBe('/log/ab');
  expect(logUrl('ab', 0)).toBe('/log/ab');
});

test('branch names are free text', () => {
  expect(branchUrl('a b&c=d/é')).toBe('/?branch=a%20b%26c%3Dd%2F%C3%A9');
});

test('only web addresses become links', () => {
  expect(safeWebUrl('https://git.kernel.org/x.git')).toBe('https://git.kernel.org/x.git');
  for (const url of ['javascript:alert(1)', ' https://x y', 'data:text/html,x', '/srv/linux', null]) {
    expect(safeWebUrl(url)).toBeNull();
  }
});
