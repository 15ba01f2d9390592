// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSegment, encodeSegment } from './kcidb-path.ts';

test.each([
  ['', '__'],
  ['mptcp_join.sh', 'mptcp_join__2esh'],
  ['signal address with ADD_ADDR timeout', 'signal-address-with-ADD_ADDR-timeout'],
  ['net/mptcp', 'net__2fmptcp'],
  ['a-b', 'a__2db'],
  ['_', '__5f'],
  ['__', '__5f__5f'],
  ['a_.b', 'a__5f__2eb'],
  ['ü', '__c3__bc'],
])('%j is %s', (name, segment) => {
  expect(encodeSegment(name)).toBe(segment);
  expect(decodeSegment(segment)).toBe(name);
});

test('any name is a segment of a path, and comes back', () => {
  const pieces = fc.array(fc.constantFrom('_', '__', '-', ' ', '.', '2', '5f', 'a', '/', 'ü'), {
    maxLength: 8,
  });
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    pieces.map((list) => list.join('')),
  );
  fc.assert(
    fc.property(name, (text) => {
      expect(encodeSegment(text)).toMatch(/^[a-zA-Z0-9_-]+$/);
      expect(decodeSegment(encodeSegment(text))).toBe(text);
    }),
  );
});
