// SPDX-License-Identifier: GPL-2.0-only
import type { Diagnostic } from './format.ts';

/** Characters of a diagnostic that are kept. */
const maxText = 400;
const maxTelling = 8;
const maxTail = 12;

/** Words that say that something is wrong, in the output of many a selftest. */
const telling = /\bFAIL|\bfailed\b|\berror\b|\bERROR\b|\bexpected\b|BUG:|WARNING:|assert/;

/**
 * A bounded memory of lines: the first few that tell of a failure, and the last ones.
 * With a failed test come what went wrong first, and where it stopped.
 */
export class LineWindow {
  #telling: Diagnostic[] = [];
  /** A ring: the oldest is at `#first`. */
  #tail: Diagnostic[] = [];
  #first = 0;

  add(line: number, text: string): void {
    const kept = { line, text: text.length > maxText ? text.slice(0, maxText) : text };
    if (this.#tail.length < maxTail) {
      this.#tail.push(kept);
      return;
    }
    // Whether a line is telling matters no sooner than it leaves the tail.
    const first = this.#tail[this.#first]!;
    if (this.#telling.length < maxTelling && telling.test(first.text)) this.#telling.push(first);
    this.#tail[this.#first] = kept;
    this.#first = this.#first === maxTail - 1 ? 0 : this.#first + 1;
  }

  absorb(other: LineWindow): void {
    if (other.#tail.length === 0) return;
    for (const { line, text } of other.lines()) this.add(line, text);
  }

  clear(): void {
    if (this.#tail.length === 0) return;
    this.#telling = [];
    this.#tail = [];
    this.#first = 0;
  }

  /** In the order of the input, each once. */
  lines(): Diagnostic[] {
    return [...this.#telling, ...this.#tail.slice(this.#first), ...this.#tail.slice(0, this.#first)];
  }
}
