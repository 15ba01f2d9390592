// SPDX-License-Identifier: GPL-2.0-only
import type { Buffer } from 'node:buffer';
import { ascii, bytesOf, isBlank, isDigit, startsWith } from '../bytes.ts';
import type { ResultLine } from './result-line.ts';

const { hash, dash, backslash, close, m, o, s } = ascii;

/** Digits of a number that is read here, so that it is a small one. */
const maxDigits = 9;
const runner = bytesOf('selftests: ');
const time = bytesOf('# time=');

/**
 * Reads what most result lines are, `ok 12 - name` or `not ok 12 - name # time=3ms`, as `parseResultLine` does, from
 * the bytes; null where anything else may be in it. They stand from `from`, which is where `ok` or `not ok ` is, up to
 * and without `end`, and are printable ASCII.
 */
export function readPlainResult(bytes: Buffer, from: number, end: number): ResultLine | null {
  const ok = bytes[from] === o;
  const digits = behindBlanks(bytes, from + (ok ? 2 : 6), end);
  let at = digits;
  let number = 0;
  for (; at < end && isDigit(bytes[at]!); at++) number = number * 10 + bytes[at]! - 0x30;
  if (at === digits || at - digits > maxDigits || (at < end && !isBlank(bytes[at]!))) return null;
  at = behindBlanks(bytes, at, end);
  if (at < end && bytes[at] === dash && (at + 1 === end || isBlank(bytes[at + 1]!)))
    at = behindBlanks(bytes, at + 1, end);
  let durationMs: number | null = null;
  let stop = markedAt(bytes, at, end);
  if (stop < 0) return null;
  if (stop < end) {
    durationMs = readTime(bytes, stop, end);
    if (durationMs < 0 || stop === at) return null;
  }
  while (stop > at && isBlank(bytes[stop - 1]!)) stop--;
  if (startsWith(bytes, at, stop, runner)) return null;
  return {
    number,
    name: bytes.toString('latin1', at, stop),
    collection: null,
    outcome: ok ? 'pass' : 'fail',
    durationMs,
    exitCode: null,
    markedFlaky: false,
    reason: '',
    certain: true,
    doubt: '',
  };
}

function behindBlanks(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(bytes[at]!)) at++;
  return at;
}

/** Where a directive may begin, or the end; -1 where there is an escape, or a bracket as of printk's stamps. */
function markedAt(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === hash && (at === from || isBlank(bytes[at - 1]!))) return at;
    if (byte === backslash || byte === close) return -1;
  }
  return end;
}

/** The milliseconds of `# time=46ms`, which has to be all that follows; -1 for anything else. */
function readTime(bytes: Uint8Array, from: number, end: number): number {
  if (!startsWith(bytes, from, end, time)) return -1;
  const digits = from + time.length;
  let at = digits;
  let number = 0;
  for (; at < end && isDigit(bytes[at]!); at++) number = number * 10 + bytes[at]! - 0x30;
  if (at === digits || at - digits > maxDigits) return -1;
  if (bytes[at] !== m || bytes[at + 1] !== s) return -1;
  return behindBlanks(bytes, at + 2, end) === end ? number : -1;
}
