// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { parseWhole } from '../registry.ts';
import { outline, parse } from '../testing.ts';
import { tap } from './index.ts';

test.each([[''], ['\n\n'], ['hello\nworld\n'], ['\0\0\0'], ['TAP version 13\n']])(
  'nothing to find in %j',
  (text) => {
    const document = parseWhole(tap, Buffer.from(text));
    expect(document).toMatchObject({ tests: [], complete: false });
    expect(document.problems.at(-1)?.text).toBe('no result found');
  },
);

test('lines that are no results', () => {
  const document = parse(
    'TAP version 13',
    '1..1',
    '# name: [FAIL] it broke',
    '# SKIP: some text',
    '# okay',
    '# not okay 1',
    '#ok 1 no',
    'ok 1 a',
  );
  expect(outline(document)).toBe('pass a');
});

test('a bare `ok` counts where TAP is spoken without numbers', () => {
  expect(outline(parse('TAP version 13', 'ok', 'not ok b', 'ok - c'))).toBe('pass , fail b, pass c');
  const document = parse('TAP version 13', 'ok 1 a', 'ok then', 'ok 2 b');
  expect(outline(document)).toBe('pass a, pass b');
  expect(document.problems).toEqual([{ line: 3, text: 'looks like a result but has no number: ok then' }]);
  expect(outline(parse('TAP version 13', '  ok x', 'ok y'))).toBe('pass y');
  expect(outline(parse('KTAP version 1', 'ok x', 'ok 1 y'))).toBe('pass y');
});

describe('a result behind other text', () => {
  test('the runner ends the test that it started', () => {
    const document = parse('# selftests: a: b', '# ok 1 x', '# no newlineok 1 selftests: a: b');
    expect(outline(document)).toBe('pass b (pass x)');
    expect(document.problems).toMatchObject([
      { line: 3, text: expect.stringContaining('taken as a result') },
    ]);
  });

  test('a failure is a failure', () => {
    const document = parse('# selftests: a: b', '# no newlinenot ok 1 selftests: a: b # exit=1');
    expect(document.tests).toMatchObject([{ name: 'b', outcome: 'fail', exitCode: 1 }]);
  });

  test('a failure that nobody waits for is one too, a pass is not', () => {
    expect(outline(parse('no newlinenot ok 1 selftests: a: b # exit=1'))).toBe('fail b');
    expect(outline(parse('no newlineok 1 selftests: a: b'))).toBe('missing b');
    expect(outline(parse('# selftests: a: b', '# xok 1 selftests: z: b'))).toBe('missing b, missing b');
  });

  test('the test that is waited for may have results further in', () => {
    expect(outline(parse('# selftests: a: b', '#   ok 1 x', '# no newlineok 1 selftests: a: b'))).toBe(
      'pass b (pass x)',
    );
  });

  test('it does not explain what follows', () => {
    for (const torn of ['ok 1', 'ot ok 1', 'not ok 1']) {
      const document = parse(
        '# selftests: a: b',
        `# some t${torn} selftests: a: b`,
        'not ok 2 selftests: a: c',
      );
      expect(document.tests.at(-1)).toMatchObject({ name: 'c', diagnostics: [] });
    }
  });

  test('what may have been a `not ok` is not a pass', () => {
    const document = parse('# selftests: a: b', '# some textot ok 1 selftests: a: b');
    expect(outline(document)).toBe('missing b');
    expect(document.complete).toBe(false);
  });

  test('other dialects are told, not guessed', () => {
    const document = parse('1..1', 'iperf: ok 1 - a', 'ok 1 - b');
    expect(outline(document)).toBe('pass b');
    expect(document.problems).toEqual([{ line: 2, text: 'a result may hide in this line: iperf: ok 1 - a' }]);
  });

  test('a kernel message behind it is not part of its name', () => {
    const document = parse('1..1', 'ok 1 - a[  107.408167] BUG: KASAN: slab-use-after-free');
    expect(outline(document)).toBe('pass a');
    expect(document.problems).toHaveLength(1);
  });
});

test('results among lines of the kernel', () => {
  const document = parse(
    '# selftests: a: b',
    '[   12.000000] BUG: kernel NULL pointer dereference',
    '# ok 1 x',
    '[   12.000001] RIP: 0010:mptcp_close+0x1/0x2',
    '<4>[   12.000002] Call Trace:',
    'not ok 1 selftests: a: b # exit=139',
  );
  expect(outline(document)).toBe('fail b (pass x)');
  expect(document.tests[0]?.diagnostics.map(({ line }) => line)).toEqual([4, 5]);
});

test('a line of megabytes', () => {
  const document = parse('1..2', `ok 1 ${'x'.repeat(5_000_000)} # SKIP`, 'x'.repeat(5_000_000), 'ok 2 b');
  expect(document.tests.map(({ outcome }) => outcome)).toEqual(['pass', 'pass']);
  expect(document.tests[0]?.name.length).toBeLessThan(10_000);
  expect(document.problems).toMatchObject([{ line: 2, text: expect.stringContaining('too long') }]);
});

test('problems are bounded', () => {
  const document = parse(...Array.from({ length: 5000 }, () => 'x ok 1 - a'));
  expect(document.problems).toHaveLength(1001);
});
