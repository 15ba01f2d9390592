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
  const kept = blocks('01 a', ...noise, '[FAIL]', ...noise).take(1, 'FAIL');
  expect(kept).toHaveLength(20);
  expect(kept[0]?.line).toBe(1);
  expect(kept.some(({ text }) => text === '[FAIL]')).toBe(true);
});

test('numbers that start over belong to the next body', () => {
  expect(blocks('01 a [ OK ]', '02 b [FAIL]', '01 c [ OK ]', '02 d [ OK ]').take(2, 'FAIL')).toEqual([]);
});

test('another mark under the same number does not explain', () => {
  expect(blocks('01 a [SKIP]').take(1, 'FAIL')).toEqual([]);
});
