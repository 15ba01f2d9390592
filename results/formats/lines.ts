// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';

/** Longest prefix of a line that is kept, in bytes: real result lines stay far below, hostile ones do not matter. */
export const maxLineBytes = 8192;

const newline = 0x0a;
const tab = 0x09;

/**
 * `cut`: the line was longer than `maxLineBytes`, `text` is its prefix. `plain`: printable ASCII and tabs only,
 * so that nothing has to be looked for that terminals add.
 */
export type OnLine = (text: string, line: number, cut: boolean, plain: boolean) => void;

/**
 * Cuts a stream of bytes into lines: LF ends a line, invalid UTF-8 becomes U+FFFD, lines are counted from 1.
 *
 * It works on bytes and decodes whole lines only, so that no chunk border can fall inside a character; each
 * line becomes a string of its own, because V8 would keep a whole chunk alive for every slice of it.
 */
export class LineSplitter {
  #onLine: OnLine;
  /** The beginning of a line that the next chunk goes on with. */
  #kept = Buffer.alloc(maxLineBytes);
  #length = 0;
  #cut = false;
  #open = false;
  #lines = 0;

  constructor(onLine: OnLine) {
    this.#onLine = onLine;
  }

  /** Number of lines given out so far. */
  get lines(): number {
    return this.#lines;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    if (this.#open) {
      const end = bytes.indexOf(newline);
      this.#keep(bytes, 0, end === -1 ? bytes.length : end);
      if (end === -1) return;
      this.#flush();
      start = end + 1;
    }
    const { length } = bytes;
    let plain = true;
    // One look at each byte: a call into native code for every line costs more than the line.
    for (let at = start; at < length; at++) {
      const byte = bytes[at]!;
      if (byte === newline) {
        this.#give(bytes, start, at, plain);
        start = at + 1;
        plain = true;
      } else if (byte >= 0x7f || (byte < 0x20 && byte !== tab)) plain = false;
    }
    if (start < length) this.#keep(bytes, start, length);
  }

  /** Gives out a last line that no newline ended. */
  end(): void {
    if (this.#open) this.#flush();
  }

  #give(bytes: Buffer, start: number, end: number, plain: boolean): void {
    const cut = end - start > maxLineBytes;
    let stop = end;
    if (cut) stop = plain ? start + maxLineBytes : wholeCharacters(bytes, start, start + maxLineBytes);
    this.#lines++;
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
