// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { placeLine } from './place.ts';

test.each([
  ['ok 1', 0, 0, 'ok 1'],
  ['# ok 1', 1, 0, 'ok 1'],
  ['# # ok 1  ', 2, 0, 'ok 1'],
  ['#   ok 1', 1, 2, 'ok 1'],
  ['    ok 1', 0, 4, 'ok 1'],
  ['\tok 1', 0, 8, 'ok 1'],
  ['  \tok 1', 0, 8, 'ok 1'],
  ['#', 1, 0, ''],
  ['# #', 2, 0, ''],
  ['    # Subtest: x', 0, 4, '# Subtest: x'],
  ['#comment', 0, 0, '#comment'],
  ['[   12.345678] # [   12.345679] # ok 1', 2, 0, 'ok 1'],
])('%j', (text, hashes, indent, content) => {
  expect(placeLine(text)).toMatchObject({ hashes, indent, content });
});
