// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testProgs } from '../../../results/formats/test_progs/index.ts';
import { parseAs } from '../../../results/formats/testing.ts';
import { disagreements } from './json-summary.ts';

const document = parseAs(
  testProgs,
  '#29/1    bpf_tcp_ca/dctcp:OK',
  '#29/2    bpf_tcp_ca/cubic:FAIL',
  '#29/3    bpf_tcp_ca/rel_setsockopt:SKIP',
  '#29      bpf_tcp_ca:FAIL',
  'Summary: 0/1 PASSED, 1 SKIPPED, 1 FAILED',
);

const theirs = {
  ...{ success: 0, success_subtest: 1, skipped: 1, failed: 1 },
  results: [
    {
      name: 'bpf_tcp_ca',
      number: 29,
      message: '',
      failed: true,
      subtests: [{ name: 'cubic', failed: true }],
    },
  ],
};

const said = (change: object = {}) => disagreements(document, JSON.stringify({ ...theirs, ...change }));

test('both agree', () => {
  expect(said()).toEqual([]);
});

describe('they do not', () => {
  test.each<[object, string]>([
    [{ success: 1 }, '--json-summary counts 1 tests passed or skipped, the text 0'],
    [{ success_subtest: 2 }, '--json-summary counts 2 subtests passed, the text 1'],
    [{ skipped: 0 }, '--json-summary counts 0 skipped, the text 1'],
    [{ failed: 2 }, '--json-summary counts 2 tests failed, the text 1'],
    [{ results: [] }, 'failed by the text, not by --json-summary: bpf_tcp_ca, bpf_tcp_ca/cubic'],
    [
      { results: [...theirs.results, { name: 'mptcp', failed: true, subtests: [] }] },
      'failed by --json-summary, not by the text: mptcp',
    ],
    [{ skipped: 'many' }, '--json-summary: not the fields that test_progs writes'],
  ])('%j', (change, expected) => {
    expect(said(change)).toEqual([expected]);
  });

  test('a file that was cut', () => {
    expect(disagreements(document, '{"success":4,"succ')).toEqual([
      '--json-summary: no whole JSON document was written',
    ]);
  });
});

test('whatever a guest writes is a disagreement, never an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(disagreements(document, text).length).toBeGreaterThan(0);
    }),
  );
});
