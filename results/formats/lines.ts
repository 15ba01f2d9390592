// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { ascii } from './bytes.ts';
import { LineEnds } from './line-ends.ts';

/** Longest prefix of a line that is kept, in bytes: real result lines stay far below, hostile ones do not matter. */
export const maxLineBytes = 8192;

/**
 * `cut`: the line was longer than `maxLineBytes`, `text` is its prefix. `plain`: printable ASCII and tabs only,
 * so that nothing has to be looked for that terminals add.
 */
export type OnLine = (text: string, line: number, cut: boolean, plain: boolean) => void;

/** A reader to whom the bytes of many a line are enough. */
export interface Glancer {
  /**
   * Takes in a whole plain line, `bytes` from `start` up to its newline at `end`, without a string being made of it;
   * false where one is needed. The bytes may be looked at until `release`.
   */
  glance(bytes: Buffer, start: number, end: number, line: number): boolean;
  /** The bytes go: whatever is still wanted of them has to be copied. */
  release(): void;
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
  #ends = new LineEnds();
  /** The beginning of a line that the next chunk goes on with. */
  #kept = Buffer.alloc(maxLineBytes);
  #length = 0;
  #cut = false;
  #open = false;
  #lines = 0;

  /** Whole plain lines are shown to `glancer` first. */
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
    if (this.#open) {
      const end = bytes.indexOf(ascii.newline);
      this.#keep(bytes, 0, end === -1 ? bytes.length : end);
      if (end === -1) return;
      this.#flush();
      start = end + 1;
    }
    const { length } = bytes;
    const { ends } = this.#ends;
    this.#ends.reset();
    for (let at = start; at < length; ) {
      at = this.#ends.find(bytes, at);
      for (let i = 0; i < this.#ends.count; i++) {
        const plain = ends[i]! >= 0;
        const end = plain ? ends[i]! : ~ends[i]!;
        this.#lines++;
        this.#give(bytes, start, end, plain);
        start = end + 1;
      }
      this.#glancer?.release();
    }
    if (start < length) this.#keep(bytes, start, length);
  }

  /** Gives out a last line that no newline ended. */
  end(): void {
    if (this.#open) this.#flush();
  }

  #give(bytes: Buffer, start: number, end: number, plain: boolean): void {
    const cut = end - start > maxLineBytes;
    if (plain && !cut && this.#glancer?.glance(bytes, start, end, this.#lines)) return;
    let stop = end;
    if (cut) stop = plain ? start + maxLineBytes : wholeCharacters(bytes, start, start + maxLineBytes);
    this.#onLine(bytes.toString(plain ? 'latin1' : 'utf8', start, stop), this.#lines, cut, plain);
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    this.#open = true;
    const room = maxLineBytes - this.#length;
    if (end - start > room) this.#cut = true;
    this.#length += bytes.copy(this.#kept, this.#length, start, Math.min(end, start + room));
  }

  #flush(): void {
    const length = this.#cut ? wholeCharacters(this.#kept, 0, this.#length) : this.#length;
    const cut = this.#cut;
    this.#length = 0;
    this.#cut = false;
    this.#open = false;
    this.#lines++;
    this.#onLine(this.#kept.toString('utf8', 0, length), this.#lines, cut, false);
  }
}

/** The end without a character that the cut at `end` went through. */
function wholeCharacters(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && end - at < 3 && (bytes[at - 1]! & 0xc0) === 0x80) at--;
  return at > start && bytes[at - 1]! >= 0xc0 ? at - 1 : end;
}
