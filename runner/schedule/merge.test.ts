// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MergedOutput } from './merge.ts';

type Piece = ['out' | 'err', Buffer];

function merge(pieces: Piece[]) {
  const seen: Buffer[] = [];
  const merged = new MergedOutput((lines) => seen.push(lines));
  for (const [stream, bytes] of pieces) {
    // The socket's buffer is used again: what was pushed must not be kept as it is.
    const chunk = Buffer.from(bytes);
    if (stream === 'out') merged.stdout(chunk);
    else merged.stderr(chunk);
    chunk.fill('?');
  }
  const { output, stderr } = merged.end();
  return { output, stderr, seen: Buffer.concat(seen), dropped: merged.dropped };
}

const joined = (pieces: Piece[], stream: string) =>
  Buffer.concat(pieces.filter(([of]) => of === stream).map(([, bytes]) => bytes)).toString('latin1');

/** The lines of a text; the last one where it is not finished, too. */
const linesOf = (text: string) =>
  text.split('\n').filter((line, i, all) => line !== '' || i < all.length - 1);

describe('two streams', () => {
  // Upper case on stdout, lower case on stderr: every line tells where it is from.
  const out = fc.string({ unit: fc.constantFrom('A', 'B', '\n', '\r'), maxLength: 12 });
  const err = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\t'), maxLength: 12 });
  const piece: fc.Arbitrary<Piece> = fc.oneof(
    out.map((text): Piece => ['out', Buffer.from(text)]),
    err.map((text): Piece => ['err', Buffer.from(text)]),
  );

  test('keep every line whole and in its order, however they are cut and interleaved', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { output, stderr, seen, dropped } = merge(pieces);
        const lines = linesOf(output.toString());
        for (const line of lines) expect(/[AB\r]/.test(line) && /[ab\t]/.test(line), line).toBe(false);
        const full = (text: string) => linesOf(text).filter((line) => line !== '');
        expect(lines.filter((line) => /[AB\r]/.test(line))).toEqual(full(joined(pieces, 'out')));
        expect(lines.filter((line) => /[ab\t]/.test(line))).toEqual(full(joined(pieces, 'err')));
        expect(stderr.toString('latin1')).toBe(joined(pieces, 'err'));
        expect(seen.equals(output)).toBe(true);
        expect(dropped).toBe(0);
      }),
    );
  });

  test('lose and gain nothing but a line feed behind an unfinished line', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { output } = merge(pieces);
        const sorted = (text: string) => [...text].sort().join('');
        const whole = joined(pieces, 'out') + joined(pieces, 'err');
        const added = output.length - whole.length;
        expect(added).toBeOneOf([0, 1]);
        expect(sorted(output.toString('latin1'))).toBe(sorted(whole + '\n'.repeat(added)));
      }),
    );
  });

  test('any bytes of one stream come through as they are', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const pieces = chunks.map((bytes): Piece => ['out', Buffer.from(bytes)]);
        expect(merge(pieces).output.toString('latin1')).toBe(joined(pieces, 'out'));
      }),
    );
  });
});

test('a diagnostic waits for the result line that is being printed', () => {
  const { output, stderr } = merge([
    ['out', Buffer.from('ok 1 - first\nnot ok 2 - sec')],
    ['err', Buffer.from('RTNETLINK answers: File exists\n')],
    ['out', Buffer.from('ond\n')],
  ]);
  expect(output.toString()).toBe('ok 1 - first\nRTNETLINK answers: File exists\nnot ok 2 - second\n');
  expect(stderr.toString()).toBe('RTNETLINK answers: File exists\n');
});

test('last words without a line feed do not run into each other', () => {
  const { output, stderr } = merge([
    ['out', Buffer.from('ok 1 - last')],
    ['err', Buffer.from('Segmentation fault')],
  ]);
  expect(output.toString()).toBe('ok 1 - last\nSegmentation fault');
  expect(stderr.toString()).toBe('Segmentation fault');
});

test('a line that does not end is not waited for, and swallows no result of the other stream', () => {
  const { output } = merge([
    ['out', Buffer.alloc(70_000, 'x')],
    ['err', Buffer.from('not ok 1 - second\n')],
    ['out', Buffer.from('y\nok 2 - third\n')],
  ]);
  const lines = output.toString().split('\n');
  expect(lines.map((line) => line.slice(0, 20))).toEqual([
    'x'.repeat(20),
    'not ok 1 - second',
    'y',
    'ok 2 - third',
    '',
  ]);
});

test('the first 64 MiB are kept, and what is not is counted', () => {
  const chunk = Buffer.alloc(1 << 20, `${'spam '.repeat(204)}ham\n`);
  const seen = { bytes: 0 };
  const merged = new MergedOutput((lines) => {
    seen.bytes += lines.length;
  });
  for (let i = 0; i < 33; i++) {
    merged.stdout(chunk);
    merged.stderr(chunk);
  }
  merged.stdout(Buffer.from('unfinished'));
  merged.stderr(Buffer.from('also'));
  const { output, stderr } = merged.end();
  expect(output.length).toBe(64 << 20);
  expect(stderr.length).toBe(32 << 20);
  expect(seen.bytes).toBe(64 << 20);
  expect(merged.dropped).toBe((2 << 20) + 'unfinishedalso'.length);
});
