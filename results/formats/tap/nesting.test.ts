// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { outline, parse } from '../testing.ts';
import { tap } from './index.ts';

describe('KTAP', () => {
  test('the example of ktap.rst', () => {
    const document = parse(
      'KTAP version 1',
      '1..1',
      '  KTAP version 1',
      '  1..3',
      '    KTAP version 1',
      '    1..1',
      '    # test_1: initializing test_1',
      '    ok 1 test_1',
      '  ok 1 example_test_1',
      '    KTAP version 1',
      '    1..2',
      '    ok 1 test_1 # SKIP test_1 skipped',
      '    ok 2 test_2',
      '  ok 2 example_test_2',
      '    KTAP version 1',
      '    1..2',
      '    ok 1 test_1',
      '    # test_2: FAIL',
      '    not ok 2 test_2',
      '  not ok 3 example_test_3',
      'not ok 1 main_test',
    );
    expect(outline(document)).toBe(
      'fail main_test (pass example_test_1 (pass test_1), pass example_test_2 (skip test_1, pass test_2), ' +
        'fail example_test_3 (pass test_1, fail test_2))',
    );
    expect(document).toMatchObject({ plan: 1, complete: true, problems: [] });
    expect(document.tests[0]?.subtests[2]?.subtests[1]?.diagnostics).toEqual([
      { line: 18, text: '    # test_2: FAIL' },
    ]);
  });

  test('KUnit: header, module, attributes, totals', () => {
    const document = parse(
      'KTAP version 1',
      '1..1',
      '    KTAP version 1',
      '    # Subtest: suite',
      '    # module: example',
      '    1..2',
      '    # one.speed: slow',
      '    ok 1 one',
      '        KTAP version 1',
      '        # Subtest: two',
      '        ok 1 x',
      '        ok 2 y',
      '    # two: pass:2 fail:0 skip:0 total:2',
      '    ok 2 two',
      '# suite: pass:2 fail:0 skip:0 total:2',
      '# Totals: pass:3 fail:0 skip:0 total:3',
      'ok 1 suite',
    );
    expect(outline(document)).toBe('pass suite (pass one, pass two (pass x, pass y))');
    expect(document).toMatchObject({ complete: true, problems: [] });
  });

  test('the next suite begins where one crashed', () => {
    const document = parse(
      'TAP version 14',
      '1..2',
      '\t# Subtest: a',
      '\t1..2',
      '\tok 1 - a1',
      '\t# Subtest: b',
      '\t1..1',
      '\tok 1 - b1',
      'ok 2 - b',
    );
    expect(outline(document)).toBe('missing a (pass a1), pass b (pass b1)');
    expect(document.complete).toBe(false);
  });

  test('the next suite begins where one crashed, and nothing stands further out', () => {
    const suites = ['    # Subtest: a', '    ok 1 x', '    # Subtest: b', '    ok 1 y', 'ok 2 b'];
    expect(outline(parse(...suites))).toBe('missing a (pass x), pass b (pass y)');
    const body = suites.map((line) => `# ${line}`);
    expect(outline(parse('# selftests: a: b', ...body, 'not ok 1 selftests: a: b'))).toBe(
      'fail b (missing a (pass x), pass b (pass y))',
    );
  });

  test('a suite alone: its plan is not that of the document', () => {
    const document = parse('    # Subtest: s', '    1..2', '    ok 1 x');
    expect(outline(document)).toBe('missing s (pass x)');
    expect(document).toMatchObject({ plan: null, complete: false, unnamed: {} });
    expect(document.tests[0]?.unnamed).toEqual({ missing: 1 });
  });
});

describe('TAP 14 subtests', () => {
  test('the header stands where the parent stands', () => {
    const document = parse(
      'TAP version 14',
      '1..2',
      '# Subtest: a',
      '    ok 1 - a',
      '    1..1',
      'ok 1 - a',
      'ok 2 - b',
    );
    expect(outline(document)).toBe('pass a (pass a), pass b');
    expect(document).toMatchObject({ plan: 2, complete: true, problems: [] });
  });

  test('a subtest called like it does not end it', () => {
    expect(outline(parse('# Subtest: a', '    ok 1 - a', '    ok 2 - b'))).toBe('missing a (pass a, pass b)');
  });

  test('a parent with another name', () => {
    expect(outline(parse('1..1', '# Subtest: a', '    ok 1 - x', 'ok 1 - b'))).toBe('pass b (pass x)');
  });
});

describe('KUnit without its indentation', () => {
  test('the result of the same name is the parent', () => {
    const document = parse(
      'TAP version 14',
      '1..2',
      '# Subtest: a',
      '1..2',
      'ok 1 - a1',
      'not ok 2 - a2',
      'not ok 1 - a',
      '# Subtest: b',
      'ok 1 - b1',
      'ok 2 - b',
    );
    expect(outline(document)).toBe('fail a (pass a1, fail a2), pass b (pass b1)');
    expect(document).toMatchObject({ plan: 2, complete: true, problems: [] });
  });

  test('version lines of subtests, subtests of subtests', () => {
    const document = parse(
      'KTAP version 1',
      '1..1',
      'KTAP version 1',
      '# Subtest: a',
      '1..1',
      'KTAP version 1',
      '# Subtest: a1',
      'ok 1 x',
      'ok 1 a1',
      'ok 1 a',
    );
    expect(outline(document)).toBe('pass a (pass a1 (pass x))');
    expect(document).toMatchObject({ plan: 1, complete: true, problems: [] });
  });

  test('what never ended within a subtest ends with it', () => {
    const document = parse('# Subtest: s', 'ok 1 w', '# Subtest: t', '# Subtest: u', 'ok 1 x', 'not ok 1 s');
    expect(outline(document)).toBe('fail s (pass w, missing t (missing u (pass x)))');
  });

  test('one that has what it planned ends with any name, and no other does', () => {
    expect(outline(parse('# Subtest: s', '1..1', 'ok 1 x', 'ok 1 other'))).toBe('pass other (pass x)');
    const short = parse('# Subtest: s', '1..3', 'ok 1 x', 'ok 2 other', 'ok 3 z', 'ok 1 s');
    expect(outline(short)).toBe('pass s (pass x, pass other, pass z)');
  });

  test('a result with subtests of its own is one of them', () => {
    const document = parse('# Subtest: s', 'ok 1 x', '  ok 1 y', 'ok 2 z', 'ok 1 s');
    expect(outline(document)).toBe('pass s (pass x, pass z (pass y))');
  });

  test('a subtest that never ended', () => {
    const document = parse('TAP version 14', '1..1', '# Subtest: a', '1..2', 'ok 1 - a1');
    expect(outline(document)).toBe('missing a (pass a1)');
    expect(document.complete).toBe(false);
  });
});

describe('several documents', () => {
  test('one after the other: plans add up', () => {
    const document = parse('TAP version 13', '1..1', 'ok 1 a', 'TAP version 13', '1..2', 'ok 1 a', 'ok 2 b');
    expect(outline(document)).toBe('pass a, pass a, pass b');
    expect(document).toMatchObject({ plan: 3, complete: true, problems: [] });
  });

  test('without version lines (KSFT_TAP_LEVEL)', () => {
    const document = parse('1..1', 'ok 1 a', '1..2', 'ok 1 b', 'ok 2 c');
    expect(document).toMatchObject({ plan: 3, complete: true, problems: [] });
  });

  test('plans of subtests are not among them', () => {
    const first = ['TAP version 13', '1..1', 'ok 1 a'];
    const document = parse(...first, ...first.slice(0, 2), '  1..2', '  ok 1 x', '  ok 2 y', 'ok 1 b');
    expect(document).toMatchObject({ plan: 2, complete: true, problems: [] });
    expect(parse('  1..1', '  ok 1 x', 'ok 1 b').plan).toBeNull();
    expect(parse('1..2', 'ok 1 a', 'ok 2 b', '  1..1', '  ok 1 x').plan).toBe(2);
  });

  test('the last one was skipped: not everything was', () => {
    const document = parse('TAP version 13', '1..1', 'ok 1 a', 'TAP version 13', '1..0 # SKIP not root');
    expect(document).toMatchObject({ plan: 1, complete: true, problems: [] });
    expect(document.skipAll).toBeUndefined();
  });

  test('the first one is short', () => {
    const document = parse('TAP version 13', '1..2', 'ok 1 a', 'TAP version 13', '1..1', 'ok 1 b');
    expect(document).toMatchObject({ plan: 3, complete: false });
    expect(document.problems).toEqual([{ line: 2, text: '2 tests planned, 1 reported' }]);
  });

  test('more results than planned, by a fork with unwritten output', () => {
    const document = parse('TAP version 13', '1..1', 'ok 1 a', 'ok 1 a');
    expect(outline(document)).toBe('pass a, pass a');
    expect(document.problems).toEqual([{ line: 2, text: '1 tests planned, 2 reported' }]);
  });
});

test('no plan: a number above the count tells of lost lines', () => {
  expect(parse('TAP version 13', 'ok 1 a', 'ok 2 b')).toMatchObject({
    plan: null,
    complete: true,
    problems: [],
  });
  expect(parse('TAP version 13', 'ok 1 a', 'ok 3 c').complete).toBe(false);
});

test('nested results that lost their parent are kept and told', () => {
  const document = parse('TAP version 13', 'ok 1 a', '  ok 1 x', 'TAP version 13', 'ok 1 b');
  expect(outline(document)).toBe('pass a, pass x, pass b');
  expect(document.problems).toEqual([{ line: 4, text: '1 nested results without the result of their test' }]);
});

test('a nested document without results has nothing to lose', () => {
  const document = parse('TAP version 13', 'ok 1 a', '  1..0 # SKIP not root', '1..1');
  expect(document).toMatchObject({ plan: 1, complete: true, problems: [] });
});

test('what was said before everything explains the outermost', () => {
  const document = parse('starting', '  not ok 1 x', 'not ok 1 a');
  expect(document.tests).toMatchObject([
    { diagnostics: [{ line: 1, text: 'starting' }], subtests: [{ diagnostics: [] }] },
  ]);
});

test('nesting without end is folded', () => {
  const lines = Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}ok 1 x`);
  const headers = Array.from({ length: 500 }, (_, i) => `# Subtest: ${i}`);
  for (const document of [
    parse(...lines),
    parse(...headers, ...lines),
    parse(...headers.map((h) => `  ${h}`)),
  ]) {
    expect(() => outline(document)).not.toThrow();
    expect(document.problems.length).toBeLessThanOrEqual(1001);
  }
  expect(parse(...lines).problems[0]).toEqual({ line: 65, text: 'nested deeper than 64 levels' });
  expect(parse(...lines.slice(0, 64)).problems[0]?.line).toBe(64);
});

test('results are announced as soon as they are understood, with their depth', () => {
  const seen: string[] = [];
  const parser = tap.parser((event) => {
    if (event.type === 'result') seen.push(`${event.depth} ${event.result.outcome} ${event.result.name}`);
  });
  parser.push(new TextEncoder().encode('# selftests: net: x.sh\n# ok 1 a\n'));
  expect(seen).toEqual(['1 pass a']);
  parser.push(new TextEncoder().encode('ok 1 selftests: net: x.sh\n'));
  expect(seen).toEqual(['1 pass a', '0 pass x.sh']);
  parser.push(new TextEncoder().encode('# selftests: net: y.sh\n# # selftests: net: z.sh\n'));
  parser.end();
  expect(seen.slice(2)).toEqual(['1 missing z.sh', '0 missing y.sh']);
});
