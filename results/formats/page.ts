// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';

/**
 * Makes strings of short pieces of ASCII in the order of the input. A call into native code for each costs more than
 * all else that is done with it: one makes a string of as many bytes as `size`, of which the next ones are slices. A
 * slice that is kept keeps so many bytes alive, so make `size` small where that happens.
 */
export class Page {
  #size: number;
  #bytes: Buffer = Buffer.alloc(0);
  #text = '';
  #start = 0;
  #end = 0;

  constructor(size: number) {
    this.#size = size;
  }

  slice(bytes: Buffer, start: number, end: number): string {
    if (start < this.#start || end > this.#end || bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#start = start;
      this.#end = Math.min(bytes.length, Math.max(end, start + this.#size));
      this.#text = bytes.toString('latin1', start, this.#end);
    }
    return this.#text.slice(start - this.#start, end - this.#start);
  }

  /** The bytes go. */
  clear(): void {
    this.#end = 0;
  }
}
