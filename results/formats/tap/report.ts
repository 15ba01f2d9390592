// SPDX-License-Identifier: GPL-2.0-only
import type { OnResult, ParsedDocument, ParsedTest } from '../format.ts';

/** Results that are kept of one input; the largest real ones stay below a tenth. */
export const maxResults = 200_000;
/** Characters of result lines and diagnostics that are kept of one input. */
export const maxCharacters = 64 * 1024 * 1024;
/** The problem of an input that holds no TAP at all: for many a test that is how it is. */
export const NO_RESULT = 'no result found';
const maxProblems = 1000;
const maxExcerpt = 160;

/** The document while it grows, within the bounds that keep a hostile guest from filling the memory. */
export class Report {
  document: ParsedDocument;
  #onResult: OnResult | undefined;
  #results = 0;
  #characters = 0;
  #droppedResults = 0;
  #droppedProblems = 0;

  constructor(format: string, onResult: OnResult | undefined) {
    this.#onResult = onResult;
    this.document = {
      format,
      plan: null,
      bailOut: null,
      complete: true,
      tests: [],
      problems: [],
      lines: 0,
    };
  }

  /** Announces a result; false where it is one too many and must not be kept. */
  result(test: ParsedTest, depth: number, characters: number): boolean {
    for (const { text } of test.diagnostics) this.#characters += text.length;
    this.#characters += characters;
    this.#results++;
    this.#onResult?.({ name: test.name, outcome: test.outcome, depth });
    if (this.#results <= maxResults && this.#characters <= maxCharacters) return true;
    this.#droppedResults++;
    this.document.complete = false;
    return false;
  }

  problem(line: number, text: string, excerpt = ''): void {
    if (this.document.problems.length >= maxProblems) {
      this.#droppedProblems++;
      return;
    }
    const quoted = excerpt === '' ? '' : `: ${excerpt.slice(0, maxExcerpt)}`;
    this.document.problems.push({ line, text: `${text}${quoted}` });
  }

  /** A problem after which results are known to be missing. */
  lost(line: number, text: string, excerpt = ''): void {
    this.document.complete = false;
    this.problem(line, text, excerpt);
  }

  end(lines: number): ParsedDocument {
    const { document } = this;
    document.lines = lines;
    if (this.#results === 0 && document.skipAll === undefined) this.lost(lines, NO_RESULT);
    if (this.#droppedResults > 0) {
      document.problems.push({ line: lines, text: `too large: ${this.#droppedResults} results not kept` });
    }
    if (this.#droppedProblems > 0) {
      document.problems.push({ line: lines, text: `${this.#droppedProblems} more problems not kept` });
    }
    return document;
  }
}
