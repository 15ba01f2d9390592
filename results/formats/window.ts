// SPDX-License-Identifier: GPL-2.0-only
import type { Diagnostic } from './format.ts';

/** Characters of a diagnostic that are kept. */
const maxText = 400;
const maxTelling = 8;
const maxTail = 12;

/** Words that say that something is wrong, in the output of many a selftest. */
const telling = /\bFAIL|\bfailed\b|\berror\b|\bERROR\b|\bexpected\b|BUG:|WARNING:|assert/;

/** Lines in bytes that will go, of which strings can be had until then. */
export interface LineSource {
  /** Whether there is anything to be kept. */
  isText(index: number): boolean;
  line(index: number): number;
  /** The text to look at. It may be a slice of a much larger string: to keep it, ask for `text`. */
  peek(index: number): string;
  text(index: number): string;
}

/**
 * A bounded memory of lines: the first few that tell of a failure, and the last ones.
 * With a failed test come what went wrong first, and where it stopped.
 */
export class LineWindow {
  #telling: Diagnostic[] = [];
  /** A ring: the oldest is at `#first`. */
  #tail: Diagnostic[] = [];
  #first = 0;
  /** Lines behind those, of which nothing but the place is known: `#from` up to and without `#to`. */
  #source: LineSource | null = null;
  #from = 0;
  #to = 0;

  add(line: number, text: string): void {
    if (this.#from < this.#to) this.catchUp();
    this.#add(line, text);
  }

  /** The texts of `source` from `from` up to and without `to`; strings are made of them no later than in `catchUp`. */
  addLater(source: LineSource, from: number, to: number): void {
    if (from !== this.#to || this.#from === this.#to) {
      this.catchUp();
      this.#source = source;
      this.#from = from;
    }
    this.#to = to;
  }

  /** The source goes: copies what is kept of it. */
  catchUp(): void {
    if (this.#from === this.#to) return;
    const source = this.#source!;
    let late = this.#to;
    for (let left = maxTail; left > 0 && late > this.#from; ) if (source.isText(--late)) left--;
    if (late > this.#from) {
      for (const kept of this.#inOrder()) this.#leave(kept);
      this.#tail = [];
      this.#first = 0;
    }
    for (let index = this.#from; index < late; index++)
      if (this.#telling.length < maxTelling && source.isText(index) && telling.test(cut(source.peek(index))))
        this.#telling.push({ line: source.line(index), text: cut(source.text(index)) });
    for (let index = late; index < this.#to; index++)
      if (source.isText(index)) this.#add(source.line(index), source.text(index));
    this.#from = 0;
    this.#to = 0;
  }

  #add(line: number, text: string): void {
    const kept = { line, text: cut(text) };
    if (this.#tail.length < maxTail) {
      this.#tail.push(kept);
      return;
    }
    this.#leave(this.#tail[this.#first]!);
    this.#tail[this.#first] = kept;
    this.#first = this.#first === maxTail - 1 ? 0 : this.#first + 1;
  }

  /** Whether a line is telling matters no sooner than it leaves the tail. */
  #leave(kept: Diagnostic): void {
    if (this.#telling.length < maxTelling && telling.test(kept.text)) this.#telling.push(kept);
  }

  /** Takes over what `other` holds. */
  absorb(other: LineWindow): void {
    if (other.#isEmpty) return;
    if (this.#isEmpty) {
      [this.#telling, other.#telling] = [other.#telling, this.#telling];
      [this.#tail, other.#tail] = [other.#tail, this.#tail];
      this.#first = other.#first;
      this.#source = other.#source;
      this.#from = other.#from;
      this.#to = other.#to;
    } else for (const { line, text } of other.lines()) this.add(line, text);
    other.#forget();
  }

  clear(): void {
    if (!this.#isEmpty) this.#forget();
  }

  /** In the order of the input, each once. */
  lines(): Diagnostic[] {
    this.catchUp();
    return [...this.#telling, ...this.#inOrder()];
  }

  #inOrder(): Diagnostic[] {
    return [...this.#tail.slice(this.#first), ...this.#tail.slice(0, this.#first)];
  }

  get #isEmpty(): boolean {
    return this.#from === this.#to && this.#tail.length === 0;
  }

  #forget(): void {
    this.#from = 0;
    this.#to = 0;
    this.#first = 0;
    if (this.#tail.length === 0) return;
    this.#telling = [];
    this.#tail = [];
  }
}

function cut(text: string): string {
  return text.length > maxText ? text.slice(0, maxText) : text;
}
