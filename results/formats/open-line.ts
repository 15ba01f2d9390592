// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { newline } from './bytes.ts';

/** A line that a chunk began and the next ones go on with: as much of it as is kept. */
export class OpenLine {
  readonly bytes: Buffer;
  length = 0;
  /** There was more of it. */
  cut = false;
  isOpen = false;

  constructor(maxBytes: number) {
    this.bytes = Buffer.alloc(maxBytes);
  }

  /** Goes on with the line; where the next one begins in `chunk`, -1 where all of it belongs to this one. */
  goOn(chunk: Buffer): number {
    const end = chunk.indexOf(newline);
    this.keep(chunk, 0, end === -1 ? chunk.length : end);
    return end === -1 ? -1 : end + 1;
  }

  keep(chunk: Buffer, start: number, end: number): void {
    this.isOpen = true;
    const room = this.bytes.length - this.length;
    if (end - start > room) this.cut = true;
    this.length += chunk.copy(this.bytes, this.length, start, Math.min(end, start + room));
  }

  /** It is over. */
  clear(): void {
    this.length = 0;
    this.cut = false;
    this.isOpen = false;
  }
}
