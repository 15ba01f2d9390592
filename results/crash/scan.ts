// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { newline } from '../formats/bytes.ts';
import { OpenLine } from '../formats/open-line.ts';

/** Longest prefix of a line that is looked at, in bytes: the kernel's own lines end at 1 KiB. */
export const maxLineBytes = 4096;

/** Called for each line: `bytes` from `start` up to and without `end`; the bytes are valid during the call only. */
export type OnLineBytes = (bytes: Buffer, start: number, end: number, line: number) => void;

/**
 * Cuts a stream of bytes into lines without making strings: a line that lies in one chunk is not even copied.
 * Lines are counted from 1; of a longer line than `maxLineBytes` the prefix is given.
 */
export class LineScanner {
  #onLine: OnLineBytes;
  #open = new OpenLine(maxLineBytes);
  #lines = 0;

  constructor(onLine: OnLineBytes) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    if (this.#open.isOpen) {
      start = this.#open.goOn(bytes);
      if (start === -1) return;
      this.end();
    }
    for (let end = bytes.indexOf(newline, start); end !== -1; end = bytes.indexOf(newline, start)) {
      this.#lines++;
      this.#onLine(bytes, start, Math.min(end, start + maxLineBytes), this.#lines);
      start = end + 1;
    }
    if (start < bytes.length) this.#open.keep(bytes, start, bytes.length);
  }

  /** Gives out a last line that no newline ended. */
  end(): void {
    if (!this.#open.isOpen) return;
    const { bytes, length } = this.#open;
    this.#open.clear();
    this.#lines++;
    this.#onLine(bytes, 0, length, this.#lines);
  }
}
