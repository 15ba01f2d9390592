// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';

/** Longest prefix of a line that is kept, in bytes: real result lines stay far below, hostile ones do not matter. */
export const maxLineBytes = 8192;

const newline = 0x0a;

/** `cut`: the line was longer than `maxLineBytes`, `text` is its prefix. */
export type OnLine = (text: string, line: number, cut: boolean) => void;

/**
 * Cuts a stream of bytes into lines: LF ends a line, invalid UTF-8 becomes U+FFFD, lines are counted from 1.
 *
 * It works on bytes and decodes whole lines only, so that no chunk border can fall inside a character; each
 * line becomes a string of its own, because V8 would keep a whole chunk alive for every slice of it.
 */
export class LineSplitter {
  #onLine: OnLine;
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
    let start = 0;
    while (start < chunk.length) {
      const end = chunk.indexOf(newline, start);
      this.#keep(chunk.subarray(start, end === -1 ? chunk.length : end));
      if (end === -1) return;
      this.#flush();
      start = end + 1;
    }
  }

  /** Gives out a last line that no newline ended. */
  end(): void {
    if (this.#open) this.#flush();
  }

  #keep(bytes: Uint8Array): void {
    this.#open = true;
    const room = maxLineBytes - this.#length;
    if (bytes.length > room) this.#cut = true;
    const kept = bytes.length > room ? bytes.subarray(0, room) : bytes;
    this.#kept.set(kept, this.#length);
    this.#length += kept.length;
  }

  #flush(): void {
    const length = this.#cut ? wholeCharacters(this.#kept, this.#length) : this.#length;
    const text = this.#kept.toString('utf8', 0, length);
    const cut = this.#cut;
    this.#length = 0;
    this.#cut = false;
    this.#open = false;
    this.#lines++;
    this.#onLine(text, this.#lines, cut);
  }
}

/** The length without a character that the cut at `length` went through. */
function wholeCharacters(bytes: Uint8Array, length: number): number {
  let end = length;
  while (end > 0 && length - end < 3 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
  return end > 0 && bytes[end - 1]! >= 0xc0 ? end - 1 : length;
}
