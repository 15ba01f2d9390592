// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { testProgs } from '../../../results/formats/test_progs/index.ts';
import { parseAs } from '../../../results/formats/testing.ts';
import type { ExitReport } from '../../../vm/guest/protocol.ts';
import { progsTest } from './test-progs.ts';

const about = { runner: 'test_progs', name: 'mptcp', options: [], expectedSeconds: 17 } as const;
const exit = (code: number): ExitReport => ({
  ...{ code, signal: 0, timedOut: false, durationMs: 1, cpuMs: 1, leftovers: 0 },
});

describe('how it is started', () => {
  const argv = (planned: ReturnType<typeof progsTest>, timeoutMs = 60_000) =>
    planned.start({ slow: true, timeoutMs }).argv.slice(2).join(' ');

  test('exactly this one', () => {
    expect(argv(progsTest(about))).toBe('./test_progs -a mptcp');
  });

  test('some of its subtests, without others', () => {
    const narrowed = progsTest(about).narrow!({ only: ['sub?low', 'a, b'], without: [] });
    expect(argv(narrowed.narrow!({ only: [], without: ['base'] }))).toBe(
      './test_progs -a mptcp/sub*low -a mptcp/a* b -d mptcp/base',
    );
  });

  test('after the modules that it expects', () => {
    expect(argv(progsTest({ ...about, name: 'bpf_nf' }))).toBe(
      'modprobe -qa nf_conntrack nf_nat; exec "$@" sh stdbuf --output=L ./test_progs -a bpf_nf',
    );
  });

  test('with what newer ones know: our time-out ends it, not the watchdog', () => {
    const options = ['json-summary', 'watchdog-timeout'];
    const planned = progsTest({ ...about, options });
    expect(argv(planned)).toBe(
      './test_progs -a mptcp --json-summary /tmp/test_progs.json --watchdog-timeout 120',
    );
    expect(argv(planned, 0)).toContain('--watchdog-timeout 0');
  });
});

describe('what it came to', () => {
  const conclude = (code: number, ...lines: string[]) => {
    const { verdict, subtests } = progsTest(about).conclude!(exit(code), parseAs(testProgs, ...lines));
    return [verdict.outcome, verdict.message, subtests.map(({ name, outcome }) => `${outcome} ${name}`)];
  };

  test.each<[string, number, string[], unknown[]]>([
    [
      'passed',
      0,
      [
        '#199/1   mptcp/base:OK',
        '#199/2   mptcp/mptcpify:OK',
        '#199     mptcp:OK',
        'Summary: 1/2 PASSED, 0 SKIPPED, 0 FAILED',
      ],
      ['pass', '', ['pass base', 'pass mptcpify']],
    ],
    [
      'skipped, with exit code 0',
      0,
      ['#199     mptcp:SKIP', 'Summary: 1/0 PASSED, 1 SKIPPED, 0 FAILED'],
      ['skip', 'it tells no reason; with -v it may say more: ./test_progs -v -a mptcp', []],
    ],
    [
      'skipped for lack of the module',
      0,
      ['WARNING! Selftests relying on bpf_testmod.ko will be skipped.', '#199     mptcp:SKIP'],
      ['skip', 'WARNING! Selftests relying on bpf_testmod.ko will be skipped.', []],
    ],
    [
      'all subtests skipped',
      0,
      ['#199/1   mptcp/base:SKIP', '#199     mptcp:SKIP'],
      [
        'skip',
        'all of its 1 subtests are skipped; with -v it may say more: ./test_progs -v -a mptcp',
        ['skip base'],
      ],
    ],
    [
      'failed',
      1,
      ['test_base:FAIL:x', '#199/1   mptcp/base:FAIL', '#199     mptcp:FAIL'],
      ['fail', '', ['fail base']],
    ],
    [
      'nothing was run',
      2,
      ['Summary: 0/0 PASSED, 0 SKIPPED, 0 FAILED'],
      ['error', 'test_progs knows no test mptcp', []],
    ],
    ['its own set-up failed', 3, [], ['error', 'the test program’s own set-up failed', []]],
    ['it left by itself', 1, ['something'], ['fail', 'exit code 1, and no result of mptcp', []]],
    ['no word at all', 0, [], ['error', 'exit code 0, and no result of mptcp', []]],
    ['OK, and not', 1, ['#199     mptcp:OK'], ['fail', 'exit code 1, although its line says OK', []]],
  ])('%s', (_what, code, lines, expected) => {
    expect(conclude(code, ...lines)).toEqual(expected);
  });

  test('a subtest that there is none of', () => {
    const narrowed = progsTest(about).narrow!({ only: ['bse'], without: [] });
    expect(narrowed.conclude!(exit(0), parseAs(testProgs, '#199     mptcp:OK')).verdict).toEqual({
      outcome: 'error',
      message: 'mptcp has no subtest bse',
    });
  });

  test('one that was ended keeps what it had', () => {
    const document = parseAs(testProgs, '#199/1   mptcp/base:OK');
    expect(progsTest(about).subtests!(document).map(({ name }) => name)).toEqual(['base']);
  });
});
