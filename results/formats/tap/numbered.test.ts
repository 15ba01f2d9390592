// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { Backlog } from './backlog.ts';
import { NumberedBlocks } from './numbered.ts';

const lineNumbers = (diagnostics: { line: number }[]) => diagnostics.map(({ line }) => line);

const stop = Symbol('stop');
const reset = Symbol('reset');

/** So many lines before the bytes that they stand in go. */
describe.each([1, 2, 3, 2048])('parts of %i lines', (part) => {
  /** The titles end where `stop` stands, the body of a test where `reset` does; neither counts as a line. */
  function blocks(...lines: (string | typeof stop | typeof reset)[]): NumberedBlocks {
    const numbered = new NumberedBlocks();
    const backlog = new Backlog();
    let number = 0;
    for (const line of lines) {
      if (line === stop) numbered.stop();
      else if (line === reset) numbered.reset();
      else if (typeof line === 'string') {
        if (number > 0 && number % part === 0) {
          numbered.catchUp();
          backlog.clear();
        }
        backlog.set(backlog.length, line, ++number);
        numbered.addLater(backlog, backlog.length - 1, backlog.length);
      }
    }
    return numbered;
  }

  test('mptcp_join.sh: the title, and every check below it that was not fine', () => {
    const numbered = blocks(
      '001 no JOIN',
      '      join Rx                             [ OK ]',
      '002 single subflow',
      '      join Rx                             [FAIL] got 1 JOIN[s] rx expected 2',
      'Server ns stats',
      '      join Tx                             [ OK ]',
      '003 next',
      '      join Rx                             [SKIP] no nft',
    );
    expect(lineNumbers(numbered.take(2, 'FAIL'))).toEqual([3, 4, 5]);
    expect(numbered.take(2, 'FAIL')).toEqual([]);
    expect(numbered.take(1, 'FAIL')).toEqual([]);
    expect(lineNumbers(numbered.take(3, 'SKIP'))).toEqual([7, 8]);
  });

  test('a number in other output is no title', () => {
    const numbered = blocks('01 a   [ OK ]', '02 ping', '10 packets transmitted', '[FAIL]', '03 c   [ OK ]');
    expect(lineNumbers(numbered.take(2, 'FAIL'))).toEqual([2, 3, 4]);
  });

  test('a long block keeps its title, what came just before the mark, and no more than 20 lines', () => {
    const noise = Array.from({ length: 100 }, (_, i) => `noise ${i}`);
    const kept = lineNumbers(blocks('01 a', ...noise, '[FAIL]', ...noise).take(1, 'FAIL'));
    const around = Array.from({ length: 19 }, (_, i) => 94 + i);
    expect(kept).toEqual([1, ...around]);
  });

  test('numbers that start over belong to the next body', () => {
    expect(blocks('01 a [ OK ]', '02 b [FAIL]', '01 c [ OK ]', '02 d [ OK ]').take(2, 'FAIL')).toEqual([]);
  });

  test('another mark under the same number does not explain', () => {
    expect(blocks('01 a [SKIP]').take(1, 'FAIL')).toEqual([]);
  });

  test('a line of which only a part was fine is kept, and so is a title that was', () => {
    const numbered = blocks('01 a [ OK ]', '   b [ OK ], c [FAIL]', '   d [ OK ], e [ OK ]');
    expect(lineNumbers(numbered.take(1, 'FAIL'))).toEqual([1, 2]);
  });

  test.each([
    ['SKIP', '[SKIP]', '[IGNO]'],
    ['FAIL', '[SKIP]', '[FAIL]'],
    ['FAIL', '[FAIL]', '[SKIP]'],
    ['FAIL', '[fail]', '[ OK ]'],
  ] as const)('the first mark counts, a failure before all: %s of %s, %s', (mark, ...marks) => {
    expect(lineNumbers(blocks('01 a', ...marks).take(1, mark))).toEqual(
      marks[1] === '[ OK ]' ? [1, 2] : [1, 2, 3],
    );
  });

  test('a title may be lost where a mark vouches for the next one, and none comes twice', () => {
    const numbered = blocks('01 a [ OK ]', '03 c [FAIL]', '02 b [FAIL]', '03 d [FAIL]', '04 e', '[FAIL]');
    expect(lineNumbers(numbered.take(3, 'FAIL'))).toEqual([2, 3, 4]);
    expect(numbered.take(2, 'FAIL')).toEqual([]);
    expect(lineNumbers(numbered.take(4, 'FAIL'))).toEqual([5, 6]);
  });

  test('256 blocks of lines are kept, 400 characters of each line', () => {
    const titles = Array.from({ length: 300 }, (_, i) => `${String(i + 1).padStart(3, '0')} a [FAIL]`);
    const numbered = blocks(...titles, '301 b [ OK ]');
    expect([numbered.take(257, 'FAIL'), numbered.take(300, 'FAIL')]).toEqual([[], []]);
    expect(numbered.take(256, 'FAIL')).toHaveLength(1);
    expect(blocks(`01 a [FAIL] ${'x'.repeat(500)}`).take(1, 'FAIL')[0]?.text).toHaveLength(400);
  });

  test.each([
    ['[FAIL]', 'FAIL'],
    ['a [FAIL] b', 'FAIL'],
    ['[ FAIL ]', 'FAIL'],
    ['[SKIP] [FAIL]', 'SKIP'],
    ['[ok] b [FAIL]', 'FAIL'],
    ['[IGNO] [ OK ]', 'IGNO'],
    ['[ OK ] and [Igno]', 'IGNO'],
    ['[nothing] [FAIL]', 'FAIL'],
    ['[[FAIL]', 'FAIL'],
    ['[a b c d e f [FAIL]', 'FAIL'],
    ['[][FAIL]', 'FAIL'],
    ['[  FAIL ]', null],
    ['[FAIL', null],
    ['FAIL]', null],
    [']FAIL[', null],
    ['FAIL', null],
    ['[FAILS]', null],
    ['[NOPE]', null],
  ] as const)('the mark of %j is %s', (line, mark) => {
    for (const one of ['FAIL', 'SKIP', 'IGNO'] as const)
      expect(lineNumbers(blocks('01 a', line).take(1, one))).toEqual(one === mark ? [1, 2] : []);
  });

  test.each([
    ...[
      ['[ OK ]', true],
      ['a  [ OK ]', true],
      ['[ OK ] a', true],
      ['[ok] a', true],
      ['[ OK ] [ OK ]', true],
    ],
    ...[
      ['', false],
      ['a', false],
      ['[OKAY]', false],
      ['[OK', false],
      ['[FAIL] [ OK ]', false],
      ['x [ OK ] [', true],
    ],
  ] as [string, boolean][])('whether %j says that all is well: %s', (line, fine) => {
    expect(lineNumbers(blocks('01 a', '[FAIL]', line).take(1, 'FAIL'))).toEqual(fine ? [1, 2] : [1, 2, 3]);
  });

  test.each([
    ...[
      ['07 a [FAIL]', 7],
      ['007 a [FAIL]', 7],
      ['12345 a [FAIL]', 12345],
      ['10  [FAIL]', 10],
      ['01 [FAIL]', 1],
    ],
    ...[
      ['1 a [FAIL]', null],
      ['012345 a [FAIL]', null],
      ['01a [FAIL]', null],
      ['01: a [FAIL]', null],
    ],
    ...[
      ['/1 a [FAIL]', null],
      [' 01 a [FAIL]', null],
      ['01\ta [FAIL]', null],
      ['a [FAIL]', null],
    ],
  ] as [string, number | null][])('the number of the title %j is %s', (line, number) => {
    const numbered = blocks(line);
    for (const one of [1, 7, 10, 12345])
      expect(numbered.take(one, 'FAIL')).toEqual(one === number ? [{ line: 1, text: line }] : []);
  });

  test('where the titles have ended, lines are about none of them', () => {
    const numbered = blocks('01 a [FAIL]', 'about a', stop, '[SKIP] of none', '02 b', stop, '[FAIL] of none');
    expect(lineNumbers(numbered.take(1, 'FAIL'))).toEqual([1, 2]);
    expect(numbered.take(2, 'FAIL')).toEqual([]);
  });

  test('titles may go on after that, and end twice', () => {
    const numbered = blocks(
      stop,
      '01 a',
      stop,
      stop,
      'none',
      '02 b [FAIL]',
      stop,
      'none',
      '03 c [FAIL]',
      'about c',
      stop,
    );
    expect(lineNumbers(numbered.take(2, 'FAIL'))).toEqual([3]);
    expect(lineNumbers(numbered.take(3, 'FAIL'))).toEqual([5, 6]);
  });

  test('the body of another test knows nothing of the one before', () => {
    expect(blocks('01 a [FAIL]', reset).take(1, 'FAIL')).toEqual([]);
    const numbered = blocks(
      '01 a [FAIL]',
      'about a',
      reset,
      'none',
      '02 no title',
      '[FAIL]',
      '01 b',
      'x',
      '[FAIL] b',
    );
    expect(numbered.take(2, 'FAIL')).toEqual([]);
    expect(lineNumbers(numbered.take(1, 'FAIL'))).toEqual([6, 7, 8]);
  });

  test('lines as they were printed', () => {
    const lines = ['01 a', 'why', 'b [ OK ]', '[FAIL] c', 'more'];
    expect(blocks(...lines).take(1, 'FAIL')).toEqual([
      { line: 1, text: '01 a' },
      { line: 2, text: 'why' },
      { line: 4, text: '[FAIL] c' },
      { line: 5, text: 'more' },
    ]);
  });
});
