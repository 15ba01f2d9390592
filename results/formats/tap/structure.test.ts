// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { allTests, outline, parse } from '../testing.ts';

describe('version', () => {
  test('a document without a plan starts counting anew', () => {
    const document = parse('TAP version 13', '1..1', 'ok 1 a', 'TAP version 13', 'ok 1 b', 'ok 2 c');
    expect(outline(document)).toBe('pass a, pass b, pass c');
    expect(document).toMatchObject({ plan: 1, complete: true, problems: [] });
  });

  test.each([
    ['after results', ['ok 1 a'], 'ok 2 s', null],
    ['after the plan', ['1..2'], 'ok 1 s', 2],
  ])('%s it may be that of a subtest without indentation', (_title, before, parent, plan) => {
    const document = parse(...before, 'KTAP version 1', '# Subtest: s', 'ok 1 x', parent, 'ok 2 last');
    expect(outline(document)).toContain('pass s (pass x), pass last');
    expect(document).toMatchObject({ plan, unnamed: {} });
    expect(document.problems).toHaveLength(0);
  });

  test('the version of a subtest without indentation is its own', () => {
    const body = ['# Subtest: s', 'ok x', 'ok s'];
    expect(outline(parse('TAP version 14', 'TAP version 14', ...body))).toBe('pass s (pass x)');
    expect(outline(parse('TAP version 14', 'KTAP version 1', ...body))).toBe('missing s');
  });

  test('another document ends the subtests without indentation that never ended', () => {
    const document = parse('1..1', '# Subtest: s', '# Subtest: t', 'ok 1 x', 'TAP version 13', 'ok 1 a');
    expect(outline(document)).toBe('missing s (missing t (pass x)), pass a');
    expect(document).toMatchObject({ complete: false, unnamed: {} });
  });
});

describe('plan', () => {
  test('what was printed before it is not about the first result', () => {
    const document = parse(
      'TAP version 13',
      '# setting up',
      '1..2',
      '# trying a',
      'not ok 1 a',
      'not ok 2 b',
    );
    expect(document.tests.map(({ diagnostics }) => diagnostics)).toEqual([
      [{ line: 4, text: 'trying a' }],
      [],
    ]);
  });

  test('one between results does not take from the next one what explains it', () => {
    const document = parse('ok 1 a', '# trying b', '1..2', 'not ok 2 b');
    expect(document.tests[1]?.diagnostics).toEqual([{ line: 2, text: 'trying b' }]);
    expect(document).toMatchObject({ plan: 2, complete: true, problems: [] });
  });
});

test('lines that only give structure explain nothing', () => {
  const document = parse(
    '# selftests: a: b',
    '# KTAP version 1',
    '# 1..1',
    '#     KTAP version 1',
    '#     # Subtest: list',
    '#     #:ktap_speed: slow',
    '#     1..1',
    '#     not ok 1 x',
    '# not ok 1 list',
    'not ok 1 selftests: a: b',
    '# Subtest: last',
    'not ok 2 last',
  );
  expect(outline(document)).toBe('fail b (fail list (fail x)), fail last');
  expect(allTests(document.tests).flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
});

describe('bail-out', () => {
  test('the first reason counts, each one is told, and explains the test that it ended', () => {
    const document = parse(
      '# selftests: a: b',
      '# ok 1 x',
      '# Bail out! no memory',
      'not ok 1 selftests: a: b # exit=1',
      'Bail out! once more',
    );
    expect(document).toMatchObject({ bailOut: 'no memory', complete: false });
    expect(document.tests[0]?.diagnostics).toEqual([{ line: 3, text: 'Bail out! no memory' }]);
    expect(document.problems).toEqual([
      { line: 3, text: 'bailed out: no memory' },
      { line: 5, text: 'bailed out: once more' },
    ]);
  });

  test('one without a reason is one', () => {
    const document = parse('TAP version 13', 'ok 1 a', 'Bail out!');
    expect(document).toMatchObject({ bailOut: '', complete: false });
    expect(document.problems).toEqual([{ line: 3, text: 'bailed out' }]);
  });
});

describe('header of the runner', () => {
  test.each(['selftests: a: b', '  selftests: a: b', '#   selftests: a: b'])('none: %j', (line) => {
    expect(outline(parse(line, 'ok 1 x'))).toBe('pass x');
    expect(outline(parse(line, '# ok 1 x'))).toBe('pass x');
  });

  test('a runner inside a runner', () => {
    const document = parse(
      '# selftests: a: all.sh',
      '# # selftests: b: one.sh',
      '# # ok 1 x',
      '# ok 1 selftests: b: one.sh',
      'ok 1 selftests: a: all.sh',
    );
    expect(outline(document)).toBe('pass all.sh (pass one.sh (pass x))');
    expect(document.problems).toEqual([]);
  });

  test('numbered lines of a test that never ended do not explain the next one', () => {
    const document = parse(
      '# selftests: a: one.sh',
      '# 01 ping [FAIL]',
      '# selftests: a: two.sh',
      '# 1..1',
      '# not ok 1 x',
      'not ok 2 selftests: a: two.sh',
    );
    expect(outline(document)).toBe('missing one.sh, fail two.sh (fail x)');
    expect(document.tests[1]?.subtests[0]?.diagnostics).toEqual([]);
  });
});

describe('header of a subtest', () => {
  test('a suite that printed nothing is missing where the next one begins', () => {
    const document = parse(
      'KTAP version 1',
      '1..2',
      '    # Subtest: a',
      '    # Subtest: b',
      '    1..2',
      '    ok 1 b',
      '    ok 2 c',
      'ok 2 b',
    );
    expect(outline(document)).toBe('missing a, pass b (pass b, pass c)');
    expect(document.unnamed).toEqual({});
    expect(document.problems).toEqual([
      { line: 3, text: 'started and never reported: a' },
      { line: 2, text: '2 tests planned, 1 reported' },
    ]);
  });

  test('results before it are not those of its suite', () => {
    const document = parse(
      'KTAP version 1',
      '1..1',
      '    ok 1 x',
      '    # Subtest: b',
      '    ok 1 y',
      'ok 1 b',
    );
    expect(outline(document)).toBe('pass x, pass b (pass y)');
    const text = '1 nested results without the result of their test';
    expect(document.problems).toEqual([{ line: 4, text }]);
  });

  test('without layers and inside of a body it is prose', () => {
    expect(outline(parse('Subtest: a', 'ok 1 x'))).toBe('pass x');
    const document = parse('# selftests: a: b', '# Subtest: x', '# not ok 1 y', 'not ok 1 selftests: a: b');
    expect(outline(document)).toBe('fail b (fail y)');
    expect(document.tests[0]?.subtests[0]?.diagnostics).toEqual([{ line: 2, text: 'Subtest: x' }]);
  });
});

describe('metadata', () => {
  test('between version and plan it is about the parent, later about the next result', () => {
    const document = parse(
      'KTAP version 2',
      '#:ktap_arch: um',
      '1..2',
      '    KTAP version 2',
      '    # Subtest: s',
      '    #:ktap_speed: slow',
      '    #:custom_note: nested',
      '    1..2',
      '    #:ktap_speed: fast',
      '    ok 1 x',
      '    ok 2 y',
      'ok 1 s',
      '#:ktap_speed: slow',
      '#:ktap_speed: very slow',
      'not ok 2 t',
    );
    expect(document.metadata).toEqual({ ktap_arch: 'um' });
    const [s, t] = document.tests;
    expect(s?.metadata).toEqual({ ktap_speed: 'slow', custom_note: 'nested' });
    expect(s?.subtests.map(({ metadata }) => metadata)).toEqual([{ ktap_speed: 'fast' }, {}]);
    expect(t).toMatchObject({ metadata: { ktap_speed: 'very slow' }, diagnostics: [] });
    expect(document.problems).toEqual([]);
  });

  test('where nothing says that it is early it is about the next result', () => {
    const unversioned = parse('#:k: v', 'ok 1 a', 'ok 2 b');
    expect(unversioned.metadata).toEqual({});
    expect(unversioned.tests.map(({ metadata }) => metadata)).toEqual([{ k: 'v' }, {}]);
    const unplanned = parse('KTAP version 2', 'ok 1 a', '#:k: v', 'ok 2 b');
    expect(unplanned.tests.map(({ metadata }) => metadata)).toEqual([{}, { k: 'v' }]);
    const flat = parse(
      'KTAP version 2',
      '1..1',
      'KTAP version 2',
      '# Subtest: s',
      '#:k: v',
      'ok 1 x',
      'ok 1 s',
    );
    expect(flat.tests[0]).toMatchObject({ metadata: {}, subtests: [{ metadata: { k: 'v' } }] });
  });

  test('of the parent and before its result: both, the latter wins', () => {
    const own = ['#:b: 2', '#:c: 2'];
    const document = parse(...own, '  KTAP version 2', '  #:a: 1', '  #:b: 1', '  ok 1 x', 'ok 1 p');
    expect(document.tests).toMatchObject([{ name: 'p', metadata: { a: '1', b: '2', c: '2' } }]);
  });

  test('a test that never reported keeps what it said about itself', () => {
    const document = parse('1..1', '    KTAP version 2', '    # Subtest: s', '    #:k: v', '    ok 1 x');
    expect(document.tests).toMatchObject([{ name: 's', outcome: 'missing', metadata: { k: 'v' } }]);
  });

  test('64 keys of one test are kept', () => {
    const keys = Array.from({ length: 100 }, (_, i) => `#:key${i}: ${i}`);
    const { metadata } = parse('TAP version 13', '1..1', ...keys, 'ok 1 a').tests[0]!;
    expect(Object.keys(metadata)).toHaveLength(64);
    expect(metadata).toMatchObject({ key0: '0', key63: '63' });
  });

  test('what only looks like it is text', () => {
    const document = parse('TAP version 13', '1..1', '#: no key', 'not ok 1 a');
    expect(document.tests).toMatchObject([{ metadata: {}, diagnostics: [{ line: 3, text: '#: no key' }] }]);
  });
});
