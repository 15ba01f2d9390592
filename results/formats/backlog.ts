// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { isBlank } from './bytes.ts';
import { maxEnds } from './line-ends.ts';
import { Page } from './page.ts';

/** Bytes that are made a string at once, for lines that are only looked at. */
const pageBytes = 2048;

/**
 * Lines that explain something, mostly as places in the bytes of the chunk that is being read. Nearly all of them
 * explain a result that passed, so that nobody ever asks for their text: it is made only of those that are asked for,
 * or that are still wanted when the chunk goes.
 */
export class Backlog {
  #bytes: Buffer = Buffer.alloc(0);
  #lines = new Int32Array(maxEnds);
  /** `~index` (below zero) where the text is in `#texts`. */
  #starts = new Int32Array(maxEnds);
  #ends = new Int32Array(maxEnds);
  #texts: string[] = [];
  #length = 0;
  #page = new Page(pageBytes);

  get isFull(): boolean {
    return this.#length === maxEnds;
  }

  /** Keeps a line of printable ASCII, `bytes` from `start` up to and without `end`; its index. */
  addBytes(bytes: Buffer, start: number, end: number, line: number): number {
    let stop = end;
    while (isBlank(bytes[stop - 1]!)) stop--;
    this.#bytes = bytes;
    this.#ends[this.#length] = stop;
    return this.#add(line, start);
  }

  addText(text: string, line: number): number {
    return this.#add(line, ~(this.#texts.push(text) - 1));
  }

  line(index: number): number {
    return this.#lines[index]!;
  }

  /** The text to look at. It may be a slice of a much larger string: to keep it, ask for `text`. */
  peek(index: number): string {
    const start = this.#starts[index]!;
    if (start < 0) return this.#texts[~start]!;
    return this.#page.slice(this.#bytes, start, this.#ends[index]!);
  }

  text(index: number): string {
    const start = this.#starts[index]!;
    return start < 0 ? this.#texts[~start]! : this.#bytes.toString('latin1', start, this.#ends[index]);
  }

  /** The chunk goes. */
  clear(): void {
    this.#length = 0;
    this.#page.clear();
    if (this.#texts.length > 0) this.#texts = [];
  }

  #add(line: number, start: number): number {
    this.#lines[this.#length] = line;
    this.#starts[this.#length] = start;
    return this.#length++;
  }
}
