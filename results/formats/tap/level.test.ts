// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { outline, parse } from '../testing.ts';

describe('what is missing', () => {
  test('a test that a header named is not counted among those without a name', () => {
    const document = parse(
      'TAP version 13',
      '1..4',
      '# selftests: a: one',
      '# selftests: a: two',
      'ok 2 selftests: a: two',
    );
    expect(outline(document)).toBe('missing one, pass two');
    expect(document).toMatchObject({ plan: 4, complete: false, unnamed: { missing: 2 } });
  });

  test('a parent that passed without a subtest that was started did not pass', () => {
    const document = parse('# selftests: a: b', '# # selftests: c: d', '# # ok 1 x', 'ok 1 selftests: a: b');
    expect(outline(document)).toBe('fail b (missing d (pass x))');
    expect(document.problems).toEqual([
      { line: 2, text: 'started and never reported: d' },
      { line: 4, text: 'passed although its subtest did not: d' },
    ]);
  });

  test('in a level that lost its parent it is counted further out', () => {
    const document = parse(
      'KTAP version 1',
      '1..1',
      '  KTAP version 1',
      '  1..2',
      '    1..3',
      '    ok 1 x',
      'ok 1 p',
    );
    expect(outline(document)).toBe('pass p (pass x)');
    expect(document.tests[0]?.unnamed).toEqual({ missing: 4 });
    expect(document.problems.map(({ text }) => text)).toEqual([
      '3 tests planned, 1 reported',
      '1 nested results without the result of their test',
      '2 tests planned, 0 reported',
    ]);
  });

  test('documents one after the other add up', () => {
    const document = parse('TAP version 13', '1..3', 'ok 1 a', 'TAP version 13', '1..5', 'ok 1 b', 'ok 2 c');
    expect(document).toMatchObject({ plan: 8, unnamed: { missing: 5 } });
  });

  test('without a plan the highest number tells', () => {
    const document = parse('TAP version 13', 'ok 5 c', 'ok 2 b', '# bye');
    expect(document).toMatchObject({ plan: null, complete: false, unnamed: { missing: 3 } });
    expect(document.problems).toEqual([{ line: 4, text: 'results numbered up to 5, 2 reported' }]);
  });

  test('with a plan only the number of results counts', () => {
    const document = parse('TAP version 13', '1..2', 'ok 1 a', 'ok 7 b');
    expect(document).toMatchObject({ complete: true, unnamed: {}, problems: [] });
  });

  test('more results than planned are strange, but none is lost', () => {
    const document = parse('TAP version 13', '1..1', 'ok 1 a', 'ok 2 b');
    expect(document).toMatchObject({ complete: true, unnamed: {} });
    expect(document.problems).toEqual([{ line: 2, text: '1 tests planned, 2 reported' }]);
  });
});

describe('nested results that nothing takes in', () => {
  const problem = { text: '1 nested results without the result of their test' };

  test.each([
    ['results', ['ok 1 a', '  ok 1 x', '1..1']],
    ['a plan', ['1..0', '  ok 1 x', 'TAP version 13']],
    ['a version', ['TAP version 13', '  ok 1 x', '1..0']],
  ])('are told where %s stood further out', (_title, lines) => {
    expect(parse(...lines)).toMatchObject({ complete: false, problems: [{ line: 3, ...problem }] });
  });

  test('are all that there is where nothing stood further out', () => {
    const document = parse('  ok 1 x', '1..1', 'ok 1 a');
    expect(outline(document)).toBe('pass x, pass a');
    expect(document).toMatchObject({ complete: true, problems: [] });
  });
});

test('the last words of a document are not about the first result of the next', () => {
  const document = parse('TAP version 13', 'ok 1 a', '# bye', 'TAP version 13', 'not ok 1 b');
  expect(document.tests[1]?.diagnostics).toEqual([]);
});
