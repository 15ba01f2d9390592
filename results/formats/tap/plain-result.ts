// SPDX-License-Identifier: GPL-2.0-only
import type { Buffer } from 'node:buffer';
import type { Outcome } from '../../words.ts';
import { ascii, bytesOf, isBlank, isDigit, startsWith } from '../bytes.ts';
import { Page } from '../page.ts';
import type { ResultLine } from './result-line.ts';

const { newline, hash, dash, colon, space, backslash, close, m, o, s } = ascii;
const runner = bytesOf('selftests: ');
const time = bytesOf('# time=');

/** Digits of a number that is read here, so that it is a small one. */
const maxDigits = 9;

/** Bytes that a kept name keeps alive at most. */
const pageBytes = 512;

/** What ends the plain part of a description: a directive, an escape, a bracket as of printk's stamps, the line. */
const marks = new Uint8Array(256);
for (const byte of [newline, hash, backslash, close]) marks[byte] = 1;

/**
 * Reads what most result lines are, from their bytes: `ok 12 - name`, `not ok 12 - name # time=3ms`,
 * `ok 3 selftests: net/mptcp: diag.sh`. One object for all of them: each `read` forgets what came before.
 */
export class PlainResult implements ResultLine {
  number = 0;
  name = '';
  collection: string | null = null;
  outcome: Outcome = 'pass';
  durationMs: number | null = null;
  readonly exitCode = null;
  readonly markedFlaky = false;
  readonly reason = '';
  readonly certain = true;
  readonly doubt = '';
  #page = new Page(pageBytes);

  /**
   * The line, printable ASCII, goes from `ok` or `not ok ` at `from` up to its newline at `end`. False where anything
   * else may be in it: then `parseResultLine` has to read it.
   */
  read(bytes: Buffer, from: number, end: number): boolean {
    const ok = bytes[from] === o;
    const digits = behindBlanks(bytes, from + (ok ? 2 : 6));
    let at = digits;
    let number = 0;
    for (; isDigit(bytes[at]!); at++) number = number * 10 + bytes[at]! - 0x30;
    if (at === digits || at - digits > maxDigits) return false;
    if (at < end && !isBlank(bytes[at]!)) return false;
    at = behindBlanks(bytes, at);
    if (bytes[at] === dash && (at + 1 === end || isBlank(bytes[at + 1]!))) at = behindBlanks(bytes, at + 1);
    this.number = number;
    this.outcome = ok ? 'pass' : 'fail';
    this.collection = null;
    this.durationMs = null;
    return startsWith(bytes, at, end, runner)
      ? this.#readRunner(bytes, at + runner.length, end)
      : this.#readDescription(bytes, at, end);
  }

  /** Forgets the bytes. */
  clear(): void {
    this.#page.clear();
  }

  #readDescription(bytes: Buffer, from: number, end: number): boolean {
    let stop = from;
    while (marks[bytes[stop]!] === 0) stop++;
    if (stop < end) {
      if (bytes[stop] !== hash || stop === from || !isBlank(bytes[stop - 1]!)) return false;
      const durationMs = readTime(bytes, stop, end);
      if (durationMs < 0) return false;
      this.durationMs = durationMs;
    }
    while (stop > from && isBlank(bytes[stop - 1]!)) stop--;
    this.name = this.#page.slice(bytes, from, stop);
    return true;
  }

  /** `DIR: TEST` and nothing behind it. */
  #readRunner(bytes: Buffer, from: number, end: number): boolean {
    const gap = behindWord(bytes, from);
    if (bytes[gap] !== space || bytes[gap - 1] !== colon || gap - 1 === from) return false;
    const stop = behindWord(bytes, gap + 1);
    if (stop !== end || stop === gap + 1) return false;
    this.collection = bytes.toString('latin1', from, gap - 1);
    this.name = bytes.toString('latin1', gap + 1, stop);
    return true;
  }
}

function behindBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(bytes[at]!)) at++;
  return at;
}

function behindWord(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at]! > space && marks[bytes[at]!] === 0) at++;
  return at;
}

/** The milliseconds of `# time=46ms`, which has to be all that follows; -1 for anything else. */
function readTime(bytes: Uint8Array, from: number, end: number): number {
  if (!startsWith(bytes, from, end, time)) return -1;
  const digits = from + time.length;
  let at = digits;
  let number = 0;
  for (; isDigit(bytes[at]!); at++) number = number * 10 + bytes[at]! - 0x30;
  if (at === digits || at - digits > maxDigits || bytes[at] !== m || bytes[at + 1] !== s) return -1;
  return behindBlanks(bytes, at + 2) === end ? number : -1;
}
