// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { collect } from '../../../results/formats/collect.ts';
import { tap } from '../../../results/formats/tap/index.ts';
import { conclude } from './test.ts';

function understood(text: string) {
  const parser = collect(tap);
  parser.push(Buffer.from(text));
  return parser.end();
}

/** As lib/kunit/debugfs.c of Linux 6.12 prints it. */
const results = (lines: string[], end: string) =>
  understood(
    [
      'KTAP version 1',
      '1..1',
      '    KTAP version 1',
      '    # Subtest: list',
      `    1..${lines.length}`,
      ...lines,
      end,
      '',
    ].join('\n'),
  );

describe('a suite’s own result is the test’s', () => {
  test('all is well', () => {
    const document = results(['    ok 1 first', '    ok 2 second'], 'ok 1 list');
    const { verdict, subtests } = conclude('list', 'list_test', { code: 0 }, document);
    expect(verdict).toEqual({ outcome: 'pass', message: '' });
    expect(subtests.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['first', 'pass'],
      ['second', 'pass'],
    ]);
  });

  test('a case failed: the lines that tell why are its message', () => {
    const document = results(
      [
        '    # second: EXPECTATION FAILED at lib/list-test.c:42',
        '    Expected 5 == 2 + 2, but',
        '        2 + 2 == 4 (0x4)',
        '    not ok 1 second',
      ],
      'not ok 1 list',
    );
    const { verdict, subtests } = conclude('list', 'list_test', { code: 0 }, document);
    expect(verdict).toEqual({ outcome: 'fail', message: '' });
    expect(subtests[0]).toMatchObject({
      name: 'second',
      message: expect.stringMatching(
        /EXPECTATION FAILED at lib\/list-test\.c:42\n *Expected 5 == 2 \+ 2, but/,
      ),
    });
  });

  test('all of it was skipped', () => {
    const document = results(['    ok 1 first # SKIP no such device'], 'ok 1 list # SKIP all tests skipped');
    expect(conclude('list', 'list_test', { code: 0 }, document).verdict).toEqual({
      outcome: 'skip',
      message: 'all tests skipped',
    });
  });
});

test.each([
  ['its module', 'list_test', 1, 'the module list_test could not be loaded, or has no results'],
  ['built in', null, 1, 'KUnit has no results of it: it was not run while the kernel booted'],
  ['another one’s results', 'list_test', 0, 'KUnit told no result of it'],
])('without results: %s', (_, module, code, message) => {
  expect(conclude('list', module, { code }, understood('# kernel: no\n')).verdict).toEqual({
    outcome: 'fail',
    message,
  });
});
