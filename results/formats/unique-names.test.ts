// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { uniqueNames } from './unique-names.ts';

const unique = (...names: string[]) => uniqueNames(names.map((name) => ({ name })));

test('the first keeps its name', () =>
  expect(unique('x', 'y', 'x', 'x')).toEqual(['x', 'y', 'x [2]', 'x [3]']));

test('a name that is already numbered is left alone', () => {
  expect(unique('x [2]', 'x', 'x')).toEqual(['x [2]', 'x', 'x [3]']);
  expect(unique('x', 'x', 'x [2]')).toEqual(['x', 'x [2]', 'x [2] [2]']);
});

test('no name', () => expect(unique('', '')).toEqual(['(no name)', '(no name) [2]']));

test('collections are apart', () => {
  const tests = [
    { collection: 'a', name: 'x' },
    { collection: 'b', name: 'x' },
    { collection: null, name: 'x' },
  ];
  expect(uniqueNames(tests)).toEqual(['x', 'x', 'x']);
});
