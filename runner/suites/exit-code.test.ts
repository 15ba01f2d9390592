// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { gtest } from '../../results/formats/gtest/index.ts';
import { parseWhole } from '../../results/formats/registry.ts';
import { byExitCode, exitOnly } from './exit-code.ts';

const parsed = (text: string, format = exitOnly) => parseWhole(format, Buffer.from(text));

test('what is printed is no result, and its lines are counted', () => {
  const document = parsed('ok 1 a\nnot ok 2 b\nx');
  expect(document).toMatchObject({ tests: [], problems: [], lines: 3, complete: true });
  expect(parsed('a\n').lines).toBe(1);
  expect(parsed('').lines).toBe(0);
});

test.each([
  [0, 'pass', ''],
  [1, 'fail', 'exit code 1'],
  [2, 'fail', 'exit code 2'],
  [3, 'fail', 'exit code 3'],
  [4, 'skip', ''],
  [124, 'fail', 'exit code 124'],
])('exit code %i is a %s', (code, outcome, message) => {
  expect(byExitCode({ code }, parsed(''))).toEqual({ verdict: { outcome, message }, subtests: [] });
});

test('a program that had nothing to do has skipped', () => {
  const document = parsed('[==========] Running 0 tests from 0 test suites.\n', gtest);
  expect(byExitCode({ code: 0 }, document).verdict.outcome).toBe('skip');
});
