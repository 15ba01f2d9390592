// SPDX-License-Identifier: GPL-2.0-only
import type { OnEvent, Summary, TestResult, Unnamed } from './format.ts';

/** The problem of an input that holds no result at all: for many a test that is how it is. */
export const NO_RESULT = 'no result found';
const maxProblems = 1000;
const maxExcerpt = 160;

/** For results about which nothing is to be added: one object for all of them. */
export const NOTHING_UNNAMED: Unnamed = Object.freeze({});
export const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({});

export function withMissing(unnamed: Unnamed, missing: number): Unnamed {
  return missing === 0 ? unnamed : { ...unnamed, missing: (unnamed.missing ?? 0) + missing };
}

/** What a reader tells, and what it has to remember of it for the end. */
export class Report {
  summary: Summary;
  #onEvent: OnEvent;
  #results = 0;
  #problems = 0;

  constructor(format: string, onEvent: OnEvent) {
    this.#onEvent = onEvent;
    this.summary = { format, plan: null, bailOut: null, complete: true, unnamed: {}, metadata: {}, lines: 0 };
  }

  get results(): number {
    return this.#results;
  }

  result(result: TestResult, nested: number, depth: number): void {
    this.#results++;
    this.#onEvent({ type: 'result', result, nested, depth });
  }

  problem(line: number, text: string, excerpt = ''): void {
    this.#tell(line, text, excerpt, false);
  }

  /** A problem after which results are known to be missing. */
  lost(line: number, text: string, excerpt = ''): void {
    this.summary.complete = false;
    this.#tell(line, text, excerpt, true);
  }

  end(lines: number): void {
    const { summary } = this;
    summary.lines = lines;
    const counted = Object.keys(summary.unnamed).length > 0;
    if (this.#results === 0 && !counted && summary.skipAll === undefined) this.lost(lines, NO_RESULT);
    const dropped = this.#problems - maxProblems;
    if (dropped > 0) this.#problem(lines, `${dropped} more problems not kept`, false);
    this.#onEvent({ type: 'end', summary });
  }

  #tell(line: number, text: string, excerpt: string, lost: boolean): void {
    if (++this.#problems > maxProblems) return;
    this.#problem(line, excerpt === '' ? text : `${text}: ${excerpt.slice(0, maxExcerpt)}`, lost);
  }

  #problem(line: number, text: string, lost: boolean): void {
    this.#onEvent({ type: 'problem', line, text, lost });
  }
}
