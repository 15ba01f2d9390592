// SPDX-License-Identifier: GPL-2.0-only
import { ascii, bytesOf, isBlank, isDigit, startsWith } from '../bytes.ts';
import { maxHashes, type Place } from './place.ts';

/** What a line is, as far as its first bytes tell. */
export type Kind = typeof BLANK | typeof TEXT | typeof RESULT | typeof UNSURE;
export const BLANK = 0;
/** It says something about a result. */
export const TEXT = 1;
export const RESULT = 2;
/** More of it has to be looked at. */
export const UNSURE = 3;

const { tab, newline, space, hash, plus, dash, dot, colon, less, open, close, C, T, n, o, p } = ascii;
const ok = bytesOf('ok');
const notOk = bytesOf('not ok');
const skipped = bytesOf('skipped');

/** By the first byte of `TAP`, `KTAP`, `Bail out!`, `Subtest:`, `selftests:`, `Planned`: the second, in lower case. */
const second = new Uint8Array(128);
for (const start of ['Ta', 'ta', 'Kt', 'kt', 'Ba', 'ba', 'Su', 'se', 'Pl'])
  second[start.charCodeAt(0)] = start.charCodeAt(1);

/**
 * A look at the first bytes of a line of printable ASCII: it sees what `placeLine` and the grammar would see in the
 * string, or is unsure. Most lines of a log are known by then, and need no string.
 */
export class Glimpse implements Place {
  hashes = 0;
  indent = 0;
  /** Where the text begins behind layers of `# `, and behind its indentation too. */
  body = 0;
  content = 0;

  /** The line is `bytes` from `start` up to `end`, where its newline stands: no loop here runs over that. */
  look(bytes: Uint8Array, start: number, end: number): Kind {
    let at = start;
    let hashes = 0;
    let stamped = false;
    for (;;) {
      if (bytes[at] === hash && bytes[at + 1] === space) {
        if (++hashes === maxHashes) return UNSURE;
        at += 2;
      } else if (bytes[at] === open) {
        const behind = behindStamp(bytes, at);
        if (behind === at) break;
        if (behind < 0 || stamped || bytes[behind] === open) return UNSURE;
        stamped = true;
        at = behind;
      } else break;
    }
    this.hashes = hashes;
    this.body = at;
    while (isBlank(bytes[at]!)) at++;
    this.content = at;
    this.indent = at - this.body;
    const kind = kindOf(bytes, at, end);
    return kind === RESULT && (stamped || hasTab(bytes, this.body, at)) ? UNSURE : kind;
  }
}

/** Behind a stamp of printk, `[   12.345678] `; `from` where there is none, -1 where it may be another one. */
function behindStamp(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  while (bytes[at] === space) at++;
  const caller = bytes[at] === C || bytes[at] === T;
  if (bytes[at] === plus) at++;
  const whole = at;
  while (isDigit(bytes[at]!)) at++;
  // `[    T1]`, `[Sun Nov 22 …]`, or no stamp at all, as `[ OK ]`.
  if (at === whole) return caller || (bytes[from + 1] !== space && bytes[from + 4] === space) ? -1 : from;
  if (at - whole > 12 || bytes[at] !== dot) return -1;
  const part = ++at;
  while (isDigit(bytes[at]!)) at++;
  if (at === part || at - part > 9 || bytes[at] !== close) return -1;
  return bytes[at + 1] === space ? at + 2 : at + 1;
}

function kindOf(bytes: Uint8Array, at: number, end: number): Kind {
  const first = bytes[at]!;
  if (first === o || first === n) {
    const from = at + (first === o ? ok : notOk).length;
    const isResult = startsWith(bytes, at, end, first === o ? ok : notOk);
    if (isResult && (from === end || isBlank(bytes[from]!))) return RESULT;
  } else if (first === newline) return BLANK;
  else if (first === hash || first === less) return UNSURE;
  else if (isDigit(first)) {
    if (isOddNumber(bytes, at, end)) return UNSURE;
  } else if (second[first] !== 0 && (bytes[at + 1]! | 0x20) === second[first]) return UNSURE;
  return isTotal(bytes, at) ? UNSURE : TEXT;
}

/** `1..3`, `4.22 [+0.02] `, `2026-11-22T…`, `3 skipped test(s) detected`; others are words like any. */
function isOddNumber(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (isDigit(bytes[at]!)) at++;
  const next = bytes[at];
  return next === dot || next === dash || (next === space && startsWith(bytes, at + 1, end, skipped));
}

/** `Totals: pass:3`, `# mptcp: pass:3`: the first word ends so. */
function isTotal(bytes: Uint8Array, from: number): boolean {
  let at = from;
  while (bytes[at]! > space) at++;
  return bytes[at - 1] === colon && bytes[at + 1] === p;
}

function hasTab(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (bytes[at] === tab) return true;
  return false;
}
