// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { newline } from './bytes.ts';
import { findLineEnds } from './line-ends.ts';
import { sharedEnds, windowBytes } from './memory.ts';
import { OpenLine } from './open-line.ts';

/** Longest prefix of a line that is kept, in bytes: real result lines stay far below, hostile ones do not matter. */
export const maxLineBytes = 8192;

/**
 * `cut`: the line was longer than `maxLineBytes`, `text` is its prefix. `plain`: printable ASCII and tabs only,
 * so that nothing has to be looked for that terminals add.
 */
export type OnLine = (text: string, line: number, cut: boolean, plain: boolean) => void;

/** Gives out the line in `bytes` from `start` up to its newline at `end`, as a string. */
export type Give = (bytes: Buffer, start: number, end: number, line: number, plain: boolean) => void;

/** A reader to whom the bytes of many a line are enough. */
export interface Glancer {
  /**
   * Takes in `count` whole lines, in `bytes` from `base` on as `findLineEnds` left them, of which the first is line
   * `first`; has those given out of which it needs strings. The bytes go with the call.
   */
  glance(bytes: Buffer, base: number, count: number, first: number, give: Give): void;
}

/**
 * Cuts a stream of bytes into lines: LF ends a line, invalid UTF-8 becomes U+FFFD, lines are counted from 1.
 *
 * It works on bytes and decodes whole lines only, so that no chunk border can fall inside a character; each
 * line becomes a string of its own, because V8 would keep a whole chunk alive for every slice of it.
 */
export class LineSplitter {
  #onLine: OnLine;
  #glancer: Glancer | undefined;
  #open = new OpenLine(maxLineBytes);
  #lines = 0;

  /** Whole lines are shown to `glancer` first. */
  constructor(onLine: OnLine, glancer?: Glancer) {
    this.#onLine = onLine;
    this.#glancer = glancer;
  }

  /** Number of lines given out so far. */
  get lines(): number {
    return this.#lines;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    if (this.#open.isOpen) {
      start = this.#open.goOn(bytes);
      if (start === -1) return;
      this.#flush();
    }
    while (start < bytes.length) {
      const count = findLineEnds(bytes, start);
      const end = count > 0 ? this.#giveAll(bytes, start, count) : this.#giveLong(bytes, start);
      if (end === -1) break;
      start = end + 1;
    }
    if (start < bytes.length) this.#open.keep(bytes, start, bytes.length);
  }

  /** Gives out a last line that no newline ended. */
  end(): void {
    if (this.#open.isOpen) this.#flush();
  }

  /** Gives out lines as `findLineEnds` left them; where the last of them ends. */
  #giveAll(bytes: Buffer, base: number, count: number): number {
    const first = this.#lines + 1;
    this.#lines += count;
    const last = base + endIn(sharedEnds[count - 1]!);
    if (this.#glancer === undefined) this.#giveEach(bytes, base, sharedEnds.slice(0, count), first);
    else this.#glancer.glance(bytes, base, count, first, this.#give);
    return last;
  }

  #giveEach(bytes: Buffer, base: number, ends: Int32Array, first: number): void {
    let start = base;
    for (let i = 0; i < ends.length; i++) {
      const end = base + endIn(ends[i]!);
      this.#give(bytes, start, end, first + i, ends[i]! >= 0);
      start = end + 1;
    }
  }

  /** Gives out a line that is longer than can be looked at in one go; where it ends, -1 where it does not. */
  #giveLong(bytes: Buffer, start: number): number {
    const end = bytes.length - start < windowBytes ? -1 : bytes.indexOf(newline, start + windowBytes);
    if (end !== -1) this.#give(bytes, start, end, ++this.#lines, false);
    return end;
  }

  #give: Give = (bytes, start, end, line, plain) => {
    const cut = end - start > maxLineBytes;
    const stop = cut ? wholeCharacters(bytes, start, start + maxLineBytes) : end;
    this.#onLine(bytes.toString(plain ? 'latin1' : 'utf8', start, stop), line, cut, plain);
  };

  #flush(): void {
    const { bytes, cut, length } = this.#open;
    const text = bytes.toString('utf8', 0, cut ? wholeCharacters(bytes, 0, length) : length);
    this.#open.clear();
    this.#onLine(text, ++this.#lines, cut, false);
  }
}

/** Without the mark of a line that is not plain. */
const endIn = (found: number): number => (found < 0 ? ~found : found);

/** The end without a character that the cut at `end` went through. */
function wholeCharacters(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && end - at < 3 && (bytes[at - 1]! & 0xc0) === 0x80) at--;
  return at > start && bytes[at - 1]! >= 0xc0 ? at - 1 : end;
}
