// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineEnds, maxEnds } from './line-ends.ts';

/** Where each line ends, and whether it is plain. */
function endsOf(bytes: Uint8Array): [number, boolean][] {
  const found: [number, boolean][] = [];
  const ends = new LineEnds();
  ends.reset();
  for (let at = 0; at < bytes.length; ) {
    at = ends.find(bytes, at);
    for (const end of ends.ends.subarray(0, ends.count)) found.push(end < 0 ? [~end, false] : [end, true]);
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

test('four bytes at a time see what one sees, wherever the bytes begin in memory', () => {
  const byte = fc.oneof(
    fc.constantFrom(0x0a, 0x09, 0x00, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff),
    fc.nat({ max: 255 }),
    fc.constant(0x61),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 60 }), fc.nat({ max: 7 }), (array, from) => {
      const bytes = Buffer.from([...Array.from({ length: from }, () => 0x0a), ...array]).subarray(from);
      expect(endsOf(bytes)).toEqual(slowly(bytes));
    }),
  );
});

test('more lines than fit are found in several goes', () => {
  const bytes = Buffer.from('a\n\x1b\n'.repeat(maxEnds));
  expect(endsOf(bytes)).toEqual(slowly(bytes));
});

test('a line that is not plain goes on over what is found in one go', () => {
  const bytes = Buffer.from(`${'\n'.repeat(maxEnds)}\x00abc\nabc\n`);
  expect(endsOf(bytes).slice(-2)).toEqual([
    [maxEnds + 4, false],
    [maxEnds + 8, true],
  ]);
});

test('few bytes at the very end of their memory', () => {
  for (let length = 0; length <= 24; length++)
    for (let from = 0; from <= length; from++)
      expect(endsOf(new Uint8Array(length).fill(0x0a).subarray(from))).toHaveLength(length - from);
});
