// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { countOutcomes } from '../../words.ts';
import { outline, parseAs, recordings } from '../testing.ts';
import { testVerifier } from './index.ts';

const parse = (...lines: string[]) => parseAs(testVerifier, ...lines);

test('with privileges and without are two tests', () => {
  const document = parse(
    '#0/u BPF_ATOMIC_AND without fetch SKIP',
    '#0/p BPF_ATOMIC_AND without fetch OK',
    '#1/p map lookup SKIP (unsupported map type 5)',
    'Summary: 1 PASSED, 2 SKIPPED, 0 FAILED',
  );
  expect(outline(document)).toBe(
    'skip BPF_ATOMIC_AND without fetch @unpriv, pass BPF_ATOMIC_AND without fetch, skip map lookup',
  );
  expect(document.tests[2]?.reason).toBe('unsupported map type 5');
  expect(document).toMatchObject({ complete: true, problems: [] });
});

test('remarks between description and word are not part of the name', () => {
  const document = parse(
    '#1/p wide load Did not run the program (not supported) OK',
    '#2/p loops 2 cases OK',
    '#3/p unaligned OK (NOTE: not executed due to unknown alignment)',
    '#4/p retval FAIL retval 2 != 1 (run 1/1) ',
    'Summary: 3 PASSED, 0 SKIPPED, 1 FAILED',
  );
  expect(outline(document)).toBe('pass wide load, pass loops, pass unaligned, fail retval');
  expect(document.tests[3]?.reason).toBe('retval 2 != 1 (run 1/1)');
});

test('the lines behind a failure explain it', () => {
  const document = parse(
    '#7/u wrong error FAIL',
    'Unexpected error message!',
    '\tEXP: R1 invalid',
    '\tRES: R2 invalid',
    '#7/p wrong error OK',
    'Summary: 1 PASSED, 0 SKIPPED, 1 FAILED',
  );
  expect(document.tests[0]).toMatchObject({ outcome: 'fail', line: 1, lastLine: 4 });
  expect(document.tests[0]?.diagnostics.map(({ line }) => line)).toEqual([2, 3, 4]);
});

test('-v: the word comes behind the verifier’s log', () => {
  const document = parse(
    '#1/p a , verifier log:',
    '0: R1=ctx() R10=fp0',
    'processed 1 insns',
    'OK',
    '#2/p b , verifier log:',
    'FAIL retval 1 != 0 ',
    'Summary: 1 PASSED, 0 SKIPPED, 1 FAILED',
  );
  expect(outline(document)).toBe('pass a, fail b');
});

test('a test that never came to a word, a log without its Summary', () => {
  const document = parse('#1/p a OK', '#2/p goes on and', '[   12.000000] BUG: unable to handle');
  expect(outline(document)).toBe('pass a, missing goes on and');
  expect(document.tests[1]).toMatchObject({ line: 2, lastLine: 3 });
  expect(document.complete).toBe(false);
});

test('lost lines are counted', () => {
  const document = parse('#1/p a OK', 'Summary: 3 PASSED, 0 SKIPPED, 0 FAILED');
  expect(document).toMatchObject({ unnamed: { missing: 2 }, complete: false });
});

test.each(recordings('test_progs').filter(({ name }) => name === 'test_verifier.txt'))(
  '$name: what its Summary says',
  ({ bytes }) => {
    const document = parse(...bytes.toString().trimEnd().split('\n'));
    const counts = countOutcomes(document.tests.map(({ outcome }) => outcome));
    expect(counts).toMatchObject({ pass: 526, skip: 264, fail: 0 });
    expect(document).toMatchObject({ complete: true, problems: [] });
  },
);
