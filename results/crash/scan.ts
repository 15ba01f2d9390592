// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';

/** Longest prefix of a line that is looked at, in bytes: the kernel's own lines end at 1 KiB. */
export const maxLineBytes = 4096;

const newline = 0x0a;

/** Called for each line: `bytes` from `start` up to and without `end`; the bytes are valid during the call only. */
export type OnLineBytes = (bytes: Buffer, start: number, end: number, line: number) => void;

/**
 * Cuts a stream of bytes into lines without making strings: a line that lies in one chunk is not even copied.
 * Lines are counted from 1; of a longer line than `maxLineBytes` the prefix is given.
 */
export class LineScanner {
  #onLine: OnLineBytes;
  #kept = Buffer.alloc(maxLineBytes);
  #length = 0;
  #open = false;
  #lines = 0;

  constructor(onLine: OnLineBytes) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    if (this.#open) {
      const end = bytes.indexOf(newline);
      this.#keep(bytes, 0, end === -1 ? bytes.length : end);
      if (end === -1) return;
      this.end();
      start = end + 1;
    }
    for (let end = bytes.indexOf(newline, start); end !== -1; end = bytes.indexOf(newline, start)) {
      this.#lines++;
      this.#onLine(bytes, start, Math.min(end, start + maxLineBytes), this.#lines);
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes, start, bytes.length);
  }

  /** Gives out a last line that no newline ended. */
  end(): void {
    if (!this.#open) return;
    const length = this.#length;
    this.#length = 0;
    this.#open = false;
    this.#lines++;
    this.#onLine(this.#kept, 0, length, this.#lines);
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    this.#open = true;
    this.#length += bytes.copy(this.#kept, this.#length, start, end);
  }
}
