// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { outline, parse } from '../testing.ts';

describe('the name before and the name behind', () => {
  test.each([
    ['the same', '# selftests: a: b', 'ok 1 selftests: a: b', 'pass b (pass x)'],
    ['another test', '# selftests: a: b', 'ok 1 selftests: a: c', 'missing b (pass x), pass c'],
    ['another collection', '# selftests: a: b', 'ok 1 selftests: z: b', 'missing b (pass x), pass b'],
    ["a result that is not the runner's", '# selftests: a: b', 'ok 1 c', 'pass c (pass x)'],
  ])('%s', (_title, header, result, expected) => {
    expect(outline(parse(header, '# ok 1 x', result))).toBe(expected);
  });

  test('a suite of KUnit may be called differently than the test that ran it', () => {
    const document = parse('    # Subtest: suite', '    ok 1 x', 'ok 1 selftests: lib: test.sh');
    expect(outline(document)).toBe('pass test.sh (pass x)');
  });

  test('nothing comes between a result and what is nested in it', () => {
    const document = parse(
      '# Subtest: s',
      '1..1',
      'ok 1 x',
      '# selftests: a: one',
      '# ok 1 y',
      'ok 1 selftests: a: two',
    );
    expect(outline(document)).toBe('pass two (pass x, pass y)');
  });
});

describe('the reason of a skipped test', () => {
  test.each([
    ['its plan tells', '1..0 # SKIP not root', 'ok 1 selftests: a: b # SKIP', 'not root'],
    ['its own goes first', '1..0 # SKIP not root', 'not ok 1 selftests: a: b # SKIP no nft', 'no nft'],
    ['its subtests tell none', 'ok 1 x # SKIP why', 'ok 1 selftests: a: b # SKIP', ''],
    ['it was not skipped', '1..0 # SKIP not root', 'not ok 1 selftests: a: b', ''],
  ])('%s', (_title, body, result, reason) => {
    expect(parse('# selftests: a: b', `# ${body}`, result).tests).toMatchObject([{ reason }]);
  });
});

describe('what explains a failure', () => {
  test('of a test with subtests: what was said before, between and after them', () => {
    const document = parse(
      '# selftests: a: b',
      '# TAP version 13',
      '# setting up',
      '# 1..2',
      '# about x',
      '# not ok 1 x',
      '# about y',
      '# ok 2 y',
      '# cleaning up',
      'not ok 1 selftests: a: b # exit=1',
    );
    const [b] = document.tests;
    expect(b?.diagnostics).toEqual([
      { line: 3, text: 'setting up' },
      { line: 9, text: 'cleaning up' },
    ]);
    expect(b?.subtests.map(({ diagnostics }) => diagnostics)).toEqual([[{ line: 5, text: 'about x' }], []]);
  });

  test('numbered lines are about results without subtests', () => {
    const document = parse(
      '# selftests: a: b',
      '# 01 ping   [FAIL]',
      '# 02 pong   [FAIL]',
      '#   1..1',
      '#   ok 1 x',
      '#   why',
      '# not ok 1 ping',
      '# not ok 2 pong',
      'not ok 1 selftests: a: b',
    );
    expect(outline(document)).toBe('fail b (fail ping (pass x), fail pong)');
    const said = document.tests[0]?.subtests.map(({ diagnostics }) => diagnostics.map(({ line }) => line));
    expect(said).toEqual([
      [2, 3, 6],
      [3, 6],
    ]);
  });

  test.each([
    ['not ok 1 ping', '[FAIL]'],
    ['not ok 1 ping # TIMEOUT 3 seconds', '[FAIL]'],
    ['ok 1 ping # SKIP', '[SKIP]'],
    ['ok 1 ping # IGNORE Flaky', '[IGNO]'],
  ])('%s: by number where the mark fits', (result, mark) => {
    const body = [`01 ping   ${mark}`, '02 pong   [ OK ]', 'TAP version 13', '1..1'];
    expect(parse(...body, result).tests[0]?.diagnostics).toEqual([{ line: 1, text: body[0] }]);
    const other = body[0]!.replace(mark, mark === '[FAIL]' ? '[SKIP]' : '[FAIL]');
    expect(parse(other, ...body.slice(1), result).tests[0]?.diagnostics).toEqual([]);
  });
});
