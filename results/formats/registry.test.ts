// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { findFormat, formats, parseWhole } from './registry.ts';

test('names are unique and every format says what it is', () => {
  expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length);
  for (const { summary } of formats) expect(summary).not.toBe('');
});

test('a format is found by its name', () => {
  expect(findFormat('tap')?.name).toBe('tap');
  expect(findFormat('tape')).toBeUndefined();
});

test.each(formats)('$name: no input is a document without results', (format) => {
  expect(parseWhole(format, Buffer.alloc(0))).toMatchObject({
    format: format.name,
    tests: [],
    complete: false,
    lines: 0,
  });
});
