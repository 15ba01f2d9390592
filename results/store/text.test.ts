// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundMessage, boundName, whole, wholeAttempt, wholeLine, wholeMs } from './text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 3000 });

test('names fit, come back from UTF-8 as they are, and stay as they are', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const name = boundName(text);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(1024);
      expect(name).not.toContain('\0');
      expect(Buffer.from(name).toString()).toBe(name);
      expect(boundName(name)).toBe(name);
    }),
  );
});

test('long names that differ only at their ends stay different', () => {
  const long = 'é'.repeat(2000);
  expect(boundName(`${long}1`)).not.toBe(boundName(`${long}2`));
  expect(boundName(`${long}1`)).toBe(boundName(`${long}1`));
  expect(boundName(long)).toMatch(/^é+…~[0-9a-f]{16}$/);
});

test('a lone surrogate and NULs', () => {
  expect(boundName('a\0b\ud800c')).toBe('ab\ufffdc');
});

test('long messages say what is not there', () => {
  const message = boundMessage('€'.repeat(10_000));
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(16 * 1024);
  expect(message).toMatch(/€\n… \(30000 bytes, cut by multitap\)$/);
  expect(boundMessage('short\0')).toBe('short');
});

test('numbers are whole', () => {
  expect(wholeMs(1.6)).toBe(2);
  expect(wholeMs(-3)).toBe(0);
  expect(wholeMs(Number.NaN)).toBeNull();
  expect(wholeMs(null)).toBeNull();
  expect(whole(12.4, 'line')).toBe(12);
  expect(() => whole(Number.POSITIVE_INFINITY, 'line')).toThrow(/The line is Infinity.*whole number/);
});

test('attempts begin at 1, lines at 0, and none is larger than can be told apart', () => {
  expect(wholeAttempt(1)).toBe(1);
  expect(wholeLine(0, 'line')).toBe(0);
  for (const attempt of [0, -1, -0.6, 2 ** 50, Number.NaN])
    expect(() => wholeAttempt(attempt)).toThrow(/number of the attempt is .* from 1 to/);
  for (const line of [-1, 2 ** 53, Number.NEGATIVE_INFINITY])
    expect(() => wholeLine(line, 'line')).toThrow(/line is .* from 0 to/);
  expect(wholeMs(1e300)).toBeNull();
  expect(wholeMs(Number.POSITIVE_INFINITY)).toBeNull();
});
