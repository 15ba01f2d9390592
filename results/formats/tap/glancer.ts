// SPDX-License-Identifier: GPL-2.0-only
import type { Buffer } from 'node:buffer';
import { Backlog } from '../backlog.ts';
import type { Glancer } from '../lines.ts';
import { BLANK, Glimpse, RESULT, UNSURE } from './glimpse.ts';
import type { Nesting } from './nesting.ts';
import type { NumberedBlocks } from './numbered.ts';
import type { Place } from './place.ts';
import { PlainResult } from './plain-result.ts';
import type { ResultLine } from './result-line.ts';

interface TakesResults {
  result(result: ResultLine, place: Place, line: number, content: string): void;
}

/** Takes in the lines that most of a log consists of by their bytes: results that say no more than that, and text. */
export class TapGlancer implements Glancer {
  #nesting: Nesting;
  #numbered: NumberedBlocks;
  #results: TakesResults;
  #glimpse = new Glimpse();
  #result = new PlainResult();
  #backlog = new Backlog();
  /** Where the next `ok ` stands, unless lines have passed it. */
  #nextOk = -1;

  constructor(nesting: Nesting, numbered: NumberedBlocks, results: TakesResults) {
    this.#nesting = nesting;
    this.#numbered = numbered;
    this.#results = results;
  }

  glance(bytes: Buffer, start: number, end: number, line: number): boolean {
    const kind = this.#glimpse.look(bytes, start, end);
    if (kind === BLANK) return true;
    if (kind === UNSURE) return false;
    if (kind === RESULT) {
      if (!this.#result.read(bytes, this.#glimpse.content, end)) return false;
      this.#results.result(this.#result, this.#glimpse, line, '');
      return true;
    }
    // A result may be glued to the text.
    if (this.#holdsOk(bytes, start, end)) return false;
    this.#explain(this.#backlog.addBytes(bytes, this.#glimpse.body, end, line));
    return true;
  }

  /** Keeps a line that explains something, of which only `text` is there. */
  keep(text: string, line: number): void {
    this.#explain(this.#backlog.addText(text, line));
  }

  release(): void {
    this.#nesting.catchUp();
    this.#numbered.catchUp();
    this.#backlog.clear();
    this.#result.clear();
    this.#nextOk = -1;
  }

  #explain(index: number): void {
    this.#nesting.explainLater(this.#backlog, index);
    this.#numbered.addLater(this.#backlog, index);
    if (this.#backlog.isFull) this.release();
  }

  /** Searches from one to the next, so that a whole text without any is gone through once. */
  #holdsOk(bytes: Buffer, start: number, end: number): boolean {
    if (this.#nextOk < start) {
      const found = bytes.indexOf('ok ', start, 'latin1');
      this.#nextOk = found < 0 ? bytes.length : found;
    }
    return this.#nextOk < end;
  }
}
