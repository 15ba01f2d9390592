// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { maxLines, program, seenNumbers, sharedSeen } from '../memory.ts';
import { Page } from '../page.ts';
import type { LineSource } from '../window.ts';

/** What a line is, as glimpse.wat has it. */
export type Kind =
  | typeof BLANK
  | typeof TEXT
  | typeof RESULT
  | typeof RUNNER_RESULT
  | typeof HEADER
  | typeof VERSION
  | typeof PLAN
  | typeof UNSURE
  | typeof ODD;
export const BLANK = 0;
/** It says something about a result. */
export const TEXT = 1;
/** `ok 12 - name`, `not ok 12 - name # time=3ms`; the number, the place of the name, and the milliseconds or -1. */
export const RESULT = 2;
/** `ok 3 selftests: net/mptcp: diag.sh`: the number, the place of the name, and where that of the collection begins. */
export const RUNNER_RESULT = 3;
/** `selftests: net/mptcp: diag.sh`: the same without a number. */
export const HEADER = 4;
/** `TAP version 13`, `KTAP version 1`: the number is 1 for KTAP. */
export const VERSION = 5;
/** `1..3`: the number. */
export const PLAN = 6;
/** More of it has to be looked at. */
export const UNSURE = 7;
/** It holds more than printable ASCII and tabs, or is too long: nobody looked. */
export const ODD = 8;

const glimpse = program<{ look(lines: number, base: number, maxBytes: number): void }>(
  ['glimpse.wat', 'plain.wat', '../bytes.wat'],
  import.meta.url,
);

/** Bytes that are made a string at once, for lines that are only looked at. */
const pageBytes = 2048;

/**
 * The lines that are being read, as far as a look at their first bytes tells. Those that explain something mostly stay
 * places in the bytes of the chunk: nearly all of them explain a result that passed, so that nobody ever asks for their
 * text. It is made only of those that are asked for, or that are still wanted when the chunk goes.
 */
export class Backlog implements LineSource {
  /** Lines that are in it. */
  length = 0;
  #bytes: Buffer = Buffer.alloc(0);
  /** Eight numbers for each line. The second is `~index` (below zero) where the text is in `#texts`. */
  #seen = new Int32Array(0);
  /** The number of its first line, for those that are not in `#texts`. */
  #first = 0;
  #texts: { line: number; text: string }[] = [];
  #page = new Page(pageBytes);

  get isFull(): boolean {
    return this.length === maxLines;
  }

  /** Looks at `count` lines in `bytes` from `base` on, of which the first is line `first`, as `findLineEnds` left them. */
  look(bytes: Buffer, base: number, count: number, first: number, maxBytes: number): void {
    glimpse().look(count, base, maxBytes);
    this.#makeRoom(count);
    this.#seen.set(sharedSeen.subarray(0, seenNumbers * count));
    this.#bytes = bytes;
    this.#first = first;
    this.length = count;
  }

  kind(index: number): Kind {
    return (this.#seen[seenNumbers * index]! & 0xff) as Kind;
  }

  /** The number of layers of `# `. */
  hashes(index: number): number {
    return this.#seen[seenNumbers * index]! >> 8;
  }

  /** Where the line begins; text behind layers of `# `. */
  start(index: number): number {
    return this.#seen[seenNumbers * index + 1]!;
  }

  /** Where it begins behind layers of `# ` and indentation. */
  content(index: number): number {
    return this.#seen[seenNumbers * index + 2]!;
  }

  /** Where it ends; text without the blanks there. */
  end(index: number): number {
    return this.#seen[seenNumbers * index + 3]!;
  }

  number(index: number): number {
    return this.#seen[seenNumbers * index + 4]!;
  }

  /** Where the name begins. */
  name(index: number): number {
    return this.#seen[seenNumbers * index + 5]!;
  }

  /** Where the name ends. */
  nameEnd(index: number): number {
    return this.#seen[seenNumbers * index + 6]!;
  }

  /** The milliseconds of a result, or where the name of a collection begins. */
  rest(index: number): number {
    return this.#seen[seenNumbers * index + 7]!;
  }

  /** Makes the line `index`, or one more, a text. */
  set(index: number, text: string, line: number): void {
    this.#makeRoom(index + 1);
    this.#seen[seenNumbers * index] = TEXT;
    this.#seen[seenNumbers * index + 1] = ~(this.#texts.push({ line, text }) - 1);
    if (index === this.length) this.length++;
  }

  isText(index: number): boolean {
    return this.kind(index) === TEXT;
  }

  line(index: number): number {
    const start = this.start(index);
    return start < 0 ? this.#texts[~start]!.line : this.#first + index;
  }

  peek(index: number): string {
    const start = this.start(index);
    return start < 0 ? this.#texts[~start]!.text : this.#page.slice(this.#bytes, start, this.end(index));
  }

  text(index: number): string {
    const start = this.start(index);
    return start < 0 ? this.#texts[~start]!.text : this.#bytes.toString('latin1', start, this.end(index));
  }

  /** The chunk goes. */
  clear(): void {
    this.length = 0;
    this.#page.clear();
    if (this.#texts.length > 0) this.#texts = [];
  }

  /** A table for `maxLines` would be most of what a parser of a short log costs. */
  #makeRoom(lines: number): void {
    if (this.#seen.length >= seenNumbers * lines) return;
    const larger = new Int32Array(seenNumbers * Math.min(maxLines, 2 * lines));
    larger.set(this.#seen);
    this.#seen = larger;
  }
}
