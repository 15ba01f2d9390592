// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { outline, parse } from '../testing.ts';

describe('runner.sh', () => {
  test('the results in a body belong to the result that follows it', () => {
    const document = parse(
      'TAP version 13',
      '1..3',
      '# timeout set to 45',
      '# selftests: membarrier: single',
      '# TAP version 13',
      '# 1..2',
      '# ok 1 available',
      '# not ok 2 invalid',
      '# # Totals: pass:1 fail:1 xfail:0 xpass:0 skip:0 error:0',
      'not ok 1 selftests: membarrier: single # exit=1',
      '# selftests: membarrier: multi',
      'ok 2 selftests: membarrier: multi # SKIP',
      '# selftests: net: slow.sh',
      '# still going',
      '#',
      'not ok 3 selftests: net: slow.sh # TIMEOUT 45 seconds',
      '# Totals: pass:0 fail:2 xfail:0 xpass:0 skip:1 error:0',
    );
    expect(outline(document)).toBe('fail single (pass available, fail invalid), skip multi, timeout slow.sh');
    expect(document).toMatchObject({ plan: 3, complete: true, problems: [], lines: 17 });
    expect(document.tests.map(({ collection }) => collection)).toEqual(['membarrier', 'membarrier', 'net']);
    expect(document.tests.map(({ line }) => line)).toEqual([10, 12, 16]);
    expect(document.tests[2]?.diagnostics).toEqual([{ line: 14, text: 'still going' }]);
  });

  test('several layers (mm/run_vmtests.sh)', () => {
    const document = parse(
      'TAP version 13',
      '1..1',
      '# selftests: mm: run_vmtests.sh',
      '# TAP version 13',
      '# # running ./mremap_test',
      '# # 1..2',
      '# # # mremap failed: Invalid argument',
      '# # ok 1 # XFAIL mremap - overlapping',
      '# # ok 2 mremap - aligned',
      '# ok 1 mremap_test',
      '# 1..1',
      'ok 1 selftests: mm: run_vmtests.sh',
    );
    expect(outline(document)).toBe(
      'pass run_vmtests.sh (pass mremap_test (xfail mremap - overlapping, pass mremap - aligned))',
    );
    expect(document).toMatchObject({ complete: true, problems: [] });
  });

  test('KTAP inside a body', () => {
    const document = parse(
      '# selftests: a: b',
      '#   ok 1 x',
      '#   ok 2 y',
      '# ok 1 z',
      'ok 1 selftests: a: b',
    );
    expect(outline(document)).toBe('pass b (pass z (pass x, pass y))');
  });

  test('a test that was started and never ended', () => {
    const document = parse(
      'TAP version 13',
      '1..2',
      '# selftests: a: one',
      '# ok 1 x',
      '# selftests: a: two',
      '# ok 1 y',
      'ok 2 selftests: a: two',
    );
    expect(outline(document)).toBe('missing one (pass x), pass two (pass y)');
    expect(document.complete).toBe(false);
    expect(document.tests[0]).toMatchObject({ collection: 'a', line: 3, number: null });
  });

  test('the name before and the name behind differ', () => {
    const document = parse('# selftests: a: one', '# ok 1 x', 'ok 2 selftests: a: two');
    expect(outline(document)).toBe('missing one (pass x), pass two');
  });

  test('a skipped test tells why in its plan', () => {
    const document = parse('# selftests: a: b', '# 1..0 # SKIP not root', 'ok 1 selftests: a: b # SKIP');
    expect(document.tests).toMatchObject([{ outcome: 'skip', reason: 'not root' }]);
  });

  test('a module with KUnit tests, on the same console', () => {
    const document = parse(
      '# selftests: lib: bitmap.sh',
      '# ok 1 before',
      '[   12.345678] KTAP version 1',
      '[   12.345678] 1..1',
      '[   12.345678]     # Subtest: bitmap',
      '[   12.345678]     ok 1 zero',
      '[   12.345678] ok 1 bitmap',
      '# ok 2 after',
      'ok 1 selftests: lib: bitmap.sh',
    );
    expect(outline(document)).toBe('pass bitmap.sh (pass before, pass bitmap (pass zero), pass after)');
    expect(document.complete).toBe(true);
  });

  test('layers of a stamped line count, where it has any', () => {
    const document = parse(
      '# selftests: a: b',
      '[   12.345678] # # ok 1 y',
      '# ok 1 x',
      'ok 1 selftests: a: b',
    );
    expect(outline(document)).toBe('pass b (pass x (pass y))');
  });

  test('totals and the lines of the test before explain nothing', () => {
    const document = parse(
      '# selftests: a: one',
      '# 01 ping [FAIL]',
      'not ok 1 selftests: a: one',
      '# 1..1',
      '# not ok 1 x',
      '# # Totals: pass:0 fail:1 xfail:0 xpass:0 skip:0 error:0',
      'not ok 2 selftests: a: two',
    );
    const [one, two] = document.tests;
    expect(one?.diagnostics).toEqual([{ line: 2, text: '01 ping [FAIL]' }]);
    expect(two).toMatchObject({ diagnostics: [], subtests: [{ name: 'x', diagnostics: [] }] });
  });

  test('prose in a body is no header', () => {
    const document = parse(
      '# selftests: a: b',
      '# Subtest: x',
      '# ok 1 x',
      '# ok 2 y',
      'ok 1 selftests: a: b',
    );
    expect(outline(document)).toBe('pass b (pass x, pass y)');
  });

  test('time stamps of the netdev CI', () => {
    const document = parse('# selftests: a: b', '# 4.22 [+0.02] ok 1 x', 'ok 1 selftests: a: b');
    expect(outline(document)).toBe('pass b (pass x)');
  });
});

describe('kselftest.h', () => {
  test('a document of its own', () => {
    const document = parse(
      'TAP version 13',
      '1..6',
      'ok 1 pass',
      'not ok 2 fail',
      'ok 3 # SKIP skip',
      'ok 4 # XFAIL xfail',
      'ok 5 # XPASS xpass',
      'not ok 6 # error err',
      '# 1 skipped test(s) detected. Consider enabling relevant config options to improve coverage.',
      '# Totals: pass:1 fail:1 xfail:1 xpass:1 skip:1 error:1',
    );
    expect(outline(document)).toBe('pass pass, fail fail, skip skip, xfail xfail, xpass xpass, fail err');
    expect(document).toMatchObject({ complete: true, problems: [] });
  });

  test('everything skipped', () => {
    const document = parse('TAP version 13', '1..0 # SKIP not root');
    expect(document).toMatchObject({ plan: 0, complete: true, skipAll: 'not root', tests: [], problems: [] });
  });

  test('the harness: lines before a failure explain it', () => {
    const document = parse(
      'TAP version 13',
      '1..2',
      '#  RUN           global.a ...',
      '#            OK  global.a',
      'ok 1 global.a',
      '#  RUN           global.b ...',
      '# x.c:12:b:Expected 1 (1) == 2 (2)',
      '#          FAIL  global.b',
      'not ok 2 global.b',
    );
    expect(document.tests[1]?.diagnostics.map(({ line }) => line)).toEqual([6, 7, 8]);
    expect(document.tests[0]?.diagnostics).toEqual([]);
  });
});
