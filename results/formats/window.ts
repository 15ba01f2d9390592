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
  #tail: Diagnostic[] = [];

  add(line: number, text: string): void {
    const kept = { line, text: text.slice(0, maxText) };
    if (this.#telling.length < maxTelling && telling.test(kept.text)) this.#telling.push(kept);
    this.#tail.push(kept);
    if (this.#tail.length > maxTail) this.#tail.shift();
  }

  absorb(other: LineWindow): void {
    for (const { line, text } of other.lines()) this.add(line, text);
  }

  clear(): void {
    if (this.#tail.length === 0) return;
    this.#telling = [];
    this.#tail = [];
  }

  /** In the order of the input, each once. */
  lines(): Diagnostic[] {
    const first = this.#tail[0]?.line ?? 0;
    return [...this.#telling.filter(({ line }) => line < first), ...this.#tail];
  }
}
