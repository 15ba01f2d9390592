// SPDX-License-Identifier: GPL-2.0-only
import { bytesOf, isDigit, startsWith } from '../formats/bytes.ts';

/** The next four bytes as one number. */
function keyAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

const space = 0x20;
const tab = 0x09;
const colon = 0x3a;
const closing = 0x5d;
const greater = 0x3e;
const noBreakSpace = 0xa0;

/** Bytes that `mayBegin` looks at more closely: `]`, `>`, `:`, and what only a terminal makes (ESC, NUL, BEL …). */
const watched = new Uint8Array(256);
const WATCH_STAMP = 1;
const WATCH_COLON = 2;
const WATCH_TERMINAL = 3;
for (let byte = 0; byte < 0x20; byte++) watched[byte] = WATCH_TERMINAL;
watched[tab] = 0;
watched[0x0d] = 0;
watched[0x7f] = WATCH_TERMINAL;
watched[closing] = WATCH_STAMP;
watched[greater] = WATCH_STAMP;
watched[colon] = WATCH_COLON;

/** `re:`, `er:`, `el:` end `allocation failure:`, `oom-killer:` and a logger's `kernel:`. */
const pair = (text: string): number => (text.charCodeAt(0) << 8) | text.charCodeAt(1);
const endOfFailure = pair('re');
const endOfKiller = pair('er');
const endOfKernel = pair('el');

/**
 * Whether a line may be the first of a report: false for nearly all lines, without making a string of them.
 * `true` means no more than that the line is worth a closer look.
 */
export class Hint {
  /** By slot of the first four bytes: whether anything begins so, and what. */
  #begun = new Uint8Array(1 << 16);
  #beginnings = new Map<number, Uint8Array[]>();

  /** `beginnings`: what lines of interest start with behind their stamps; at least four characters each. */
  constructor(beginnings: Iterable<string>) {
    for (const text of new Set(beginnings)) {
      const bytes = bytesOf(text);
      const key = slot(keyAt(bytes, 0));
      this.#begun[key] = 1;
      this.#beginnings.set(key, [...(this.#beginnings.get(key) ?? []), bytes]);
    }
  }

  /** The line is `bytes` from `start` up to and without `end`. */
  mayBegin(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#begins(bytes, start, end) || taints(bytes, start, end)) return true;
    // `2026-11-22T10:11:12,345678+00:00 BUG: …`: the text begins behind the first space.
    if (start < end && isDigit(bytes[start]!)) {
      let at = start;
      while (at < end && bytes[at] !== space) at++;
      if (this.#begins(bytes, at, end)) return true;
    }
    for (let at = start; at < end; at++) {
      const watch = watched[bytes[at]!];
      if (watch === 0) continue;
      if (watch === WATCH_TERMINAL) return true;
      const ends = at > start + 1 ? (bytes[at - 2]! << 8) | bytes[at - 1]! : 0;
      if (watch === WATCH_STAMP) {
        if (isDigit(ends & 0xff) && this.#begins(bytes, at + 1, end)) return true;
      } else if (ends === endOfFailure || ends === endOfKiller) return true;
      else if (ends === endOfKernel && this.#begins(bytes, at + 1, end)) return true;
    }
    return false;
  }

  #begins(bytes: Uint8Array, from: number, end: number): boolean {
    let at = from;
    while (at < end && isBlank(bytes[at]!)) at++;
    if (end - at < 4) return false;
    const key = slot(keyAt(bytes, at));
    return (
      this.#begun[key] === 1 && this.#beginnings.get(key)!.some((text) => startsWith(bytes, at, end, text))
    );
  }
}

/** A no-break space is C2 A0 in UTF-8. */
function isBlank(byte: number): boolean {
  return byte === space || byte === tab || byte === 0xc2 || byte === noBreakSpace;
}

/** A perfect hash is not needed: a collision costs one comparison. */
function slot(key: number): number {
  return (Math.imul(key, 0x9e3779b1) >>> 16) & 0xffff;
}

/** Two ends cover `… taints kernel.` and `… - tainting kernel`, the words of kernel/module/main.c. */
const taintEnds = [bytesOf('ts kernel'), bytesOf('ng kernel')];

function taints(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end;
  while (at > start && (bytes[at - 1] === 0x0d || bytes[at - 1] === 0x2e)) at--;
  // `l` ends few lines: nearly all are done with here.
  return at > start && bytes[at - 1] === 0x6c && taintEnds.some((text) => endsWith(bytes, start, at, text));
}

function endsWith(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  const from = end - text.length;
  return from >= start && text.every((byte, index) => bytes[from + index] === byte);
}
