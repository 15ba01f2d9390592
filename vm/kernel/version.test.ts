// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, positionOf, upstreamOf } from './version.ts';

/** Pieces of which Debian makes versions, and pieces on which comparisons stumble. */
const piece = fc.constantFrom(
  ...['0', '00', '1', '01', '6', '12', '107', '9007199254740993', '9007199254740992'],
  ...['.', '+', '~', '-', 'a', 'Z', 'rc', 'bpo', 'deb', 'dfsg', '~~'],
);
const version = fc
  .array(piece, { minLength: 0, maxLength: 8 })
  .map((pieces) => `1${pieces.join('')}`)
  // deb-version(7): neither upstream version nor revision is empty.
  .filter((text) => !text.endsWith('-'));

const hasDpkg = spawnSync('dpkg', ['--version']).status === 0;

/** What dpkg thinks: -1, 0 or 1. */
function dpkgCompare(a: string, b: string): number {
  const is = (relation: string) => spawnSync('dpkg', ['--compare-versions', a, relation, b]).status === 0;
  if (is('lt')) return -1;
  return is('eq') ? 0 : 1;
}

describe('compareVersions', () => {
  test('Debian’s kernels, oldest first', () => {
    const ordered = [
      '6.1.140-1',
      '6.12~rc4-1~exp1',
      '6.12.9-1',
      '6.12.38-1~bpo12+1',
      '6.12.38-1',
      '6.12.107-1',
      '6.18.15-1~bpo13+1',
      '7.0~rc1-1~exp1',
      '7.0-1',
    ];
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
  });

  test.each([
    ['1.0-1', '1.0+b1', -1],
    ['6.12-1', '6.12a-1', -1],
    ['1.0-1-1', '1.0-1.1', 1],
    ['1.0', '1.0-0', 0],
    ['1.00', '1.0', 0],
    ['1.9007199254740993', '1.9007199254740992', 1],
  ])('%s and %s: the revision starts at the last hyphen', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a))).toBe(-sign + 0);
  });

  test('is a total order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const ab = Math.sign(compareVersions(a, b));
        const bc = Math.sign(compareVersions(b, c));
        expect(compareVersions(a, a)).toBe(0);
        expect(ab + Math.sign(compareVersions(b, a))).toBe(0);
        if (ab <= 0 && bc <= 0) expect(Math.sign(compareVersions(a, c))).toBe(Math.min(ab, bc));
      }),
    );
  });

  test('thinks as dpkg does', ({ skip }) => {
    skip(!hasDpkg, 'dpkg is not on this machine: there is nothing to compare with');
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(a, b)), `${a} and ${b}`).toBe(dpkgCompare(a, b));
      }),
      { numRuns: 150 },
    );
  });
});

test.each([
  ['6.12.107-1~bpo12+1', '6.12.107'],
  ['6.12~rc4-1', '6.12'],
  ['7.0-1', '7.0'],
  ['git-snapshot', 'git-snapshot'],
])('upstreamOf %s is %s', (full, upstream) => {
  expect(upstreamOf(full)).toBe(upstream);
});

test('positions grow with versions', () => {
  expect(positionOf('6.12.107')).toBe(6_012_107);
  const part = fc.nat({ max: 999 });
  fc.assert(
    fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (a, b) => {
      const order = compareVersions(a.join('.'), b.join('.'));
      expect(Math.sign(positionOf(a.join('.')) - positionOf(b.join('.')))).toBe(Math.sign(order));
    }),
  );
});
