// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findLineEnds } from './line-ends.ts';
import { maxLines, sharedEnds, windowBytes } from './memory.ts';

/** Where each line ends, and whether it is plain. */
function endsOf(bytes: Uint8Array): [number, boolean][] {
  const found: [number, boolean][] = [];
  let from = 0;
  for (let count = findLineEnds(bytes, 0); count > 0; count = findLineEnds(bytes, from)) {
    const base = from;
    for (const end of sharedEnds.subarray(0, count)) {
      const plain = end >= 0;
      found.push([base + (plain ? end : ~end), plain]);
    }
    from = found.at(-1)![0] + 1;
  }
  return found;
}

/** The same, one byte after the other. */
function slowly(bytes: Uint8Array): [number, boolean][] {
  const found: [number, boolean][] = [];
  let plain = true;
  bytes.forEach((byte, at) => {
    if (byte === 0x0a) found.push([at, plain]);
    if (byte === 0x0a) plain = true;
    else if (byte !== 0x09 && (byte < 0x20 || byte > 0x7e)) plain = false;
  });
  return found;
}

test('sixteen bytes at a time see what one sees, whatever was looked at before', () => {
  const byte = fc.oneof(
    fc.constantFrom(0x0a, 0x09, 0x00, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff),
    fc.nat({ max: 255 }),
    fc.constant(0x61),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 60 }), fc.array(byte, { maxLength: 80 }), (array, before) => {
      const bytes = Buffer.from(array);
      findLineEnds(Uint8Array.from(before), 0);
      expect(endsOf(bytes)).toEqual(slowly(bytes));
    }),
  );
});

test('more lines than fit are found in several goes', () => {
  const bytes = Buffer.from('a\n\x1b\n'.repeat(maxLines));
  expect(endsOf(bytes)).toEqual(slowly(bytes));
});

test('a line that is not plain goes on over what is found in one go', () => {
  const bytes = Buffer.from(`${'\n'.repeat(maxLines)}\x00abc\nabc\n`);
  expect(endsOf(bytes).slice(-2)).toEqual([
    [maxLines + 4, false],
    [maxLines + 8, true],
  ]);
});

test.each([-17, -2, -1, 0, 1, 2, 17])('a line that ends %i bytes behind what fits', (behind) => {
  const bytes = Buffer.from(`${'x'.repeat(windowBytes + behind)}\nabc\n`);
  expect(findLineEnds(bytes, 0)).toBe(behind < -4 ? 2 : behind < 0 ? 1 : 0);
});

test('few bytes, none of which is one that was looked at before', () => {
  for (let length = 0; length <= 24; length++) {
    findLineEnds(new Uint8Array(40).fill(0x0a), 0);
    expect(endsOf(new Uint8Array(length).fill(0x61))).toEqual([]);
    expect(endsOf(new Uint8Array(length).fill(0x0a))).toHaveLength(length);
  }
});
