// SPDX-License-Identifier: GPL-2.0-only
import type { Buffer } from 'node:buffer';
import { type Give, type Glancer, maxLineBytes } from '../lines.ts';
import { Backlog, ODD, RESULT, TEXT } from './backlog.ts';
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
  #result = new PlainResult();
  #place: Place = { hashes: 0, indent: 0 };
  #backlog = new Backlog();
  /** The line of the backlog that is given out; -1 while none is. */
  #given = -1;

  constructor(nesting: Nesting, numbered: NumberedBlocks, results: TakesResults) {
    this.#nesting = nesting;
    this.#numbered = numbered;
    this.#results = results;
  }

  glance(bytes: Buffer, base: number, count: number, first: number, give: Give): void {
    this.#release();
    const backlog = this.#backlog;
    backlog.look(bytes, base, count, first, maxLineBytes);
    let noted = 0;
    for (let index = 0; index < count; index++) {
      const kind = backlog.kind(index);
      if (kind <= TEXT) continue;
      if (noted < index) this.#explain(noted, index);
      noted = index + 1;
      if (kind === RESULT && this.#takeResult(bytes, index, first + index)) continue;
      this.#given = index;
      give(bytes, backlog.start(index), backlog.end(index), first + index, kind !== ODD);
    }
    this.#given = -1;
    if (noted < count) this.#explain(noted, count);
    this.#release();
  }

  /** Keeps a line that explains something, of which only `text` is there. */
  keep(text: string, line: number): void {
    const index = this.#given < 0 ? this.#backlog.length : this.#given;
    this.#backlog.set(index, text, line);
    this.#explain(index, index + 1);
    if (this.#given < 0 && this.#backlog.isFull) this.#release();
  }

  #takeResult(bytes: Buffer, index: number, line: number): boolean {
    const backlog = this.#backlog;
    const content = backlog.content(index);
    if (!this.#result.read(bytes, content, backlog.end(index))) return false;
    const place = this.#place;
    place.hashes = backlog.hashes(index);
    place.indent = content - backlog.start(index) - 2 * place.hashes;
    this.#results.result(this.#result, place, line, '');
    return true;
  }

  #explain(from: number, to: number): void {
    this.#nesting.explainLater(this.#backlog, from, to);
    this.#numbered.addLater(this.#backlog, from, to);
  }

  /** The bytes go: whatever is still wanted of them is copied. */
  #release(): void {
    this.#nesting.catchUp();
    this.#numbered.catchUp();
    this.#backlog.clear();
    this.#result.clear();
  }
}
