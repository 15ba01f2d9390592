// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { NumberedBlocks } from './numbered.ts';

function blocks(...lines: string[]): NumberedBlocks {
  const numbered = new NumberedBlocks();
  lines.forEach((text, index) => {
    numbered.add(index + 1, text);
  });
  return numbered;
}

const lineNumbers = (diagnostics: { line: number }[]) => diagnostics.map(({ line }) => line);

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
