// SPDX-License-Identifier: GPL-2.0-only
import type { Buffer } from 'node:buffer';
import { type Give, type Glancer, maxLineBytes } from '../lines.ts';
import { Backlog, HEADER, type Kind, ODD, PLAN, RESULT, RUNNER_RESULT, TEXT, VERSION } from './backlog.ts';
import type { Nesting } from './nesting.ts';
import type { NumberedBlocks } from './numbered.ts';
import type { Place } from './place.ts';
import { PlainResult, runnerNames } from './plain-result.ts';
import type { ResultLine } from './result-line.ts';
import type { Structure } from './structure.ts';

interface TakesResults {
  result(result: ResultLine, place: Place, line: number, content: string): void;
}

/** Takes in the lines that most of a log consists of by their bytes: results that say no more than that, and text. */
export class TapGlancer implements Glancer {
  #nesting: Nesting;
  #numbered: NumberedBlocks;
  #structure: Structure;
  #reader: TakesResults;
  #result = new PlainResult();
  #place: Place = { hashes: 0, indent: 0 };
  #backlog = new Backlog();
  /** The line of the backlog that is given out; -1 while none is. */
  #given = -1;

  constructor(nesting: Nesting, numbered: NumberedBlocks, structure: Structure, reader: TakesResults) {
    this.#nesting = nesting;
    this.#numbered = numbered;
    this.#structure = structure;
    this.#reader = reader;
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
      if (this.#take(bytes, index, kind, first + index)) continue;
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

  /** Takes in a line of which all was seen; false where its string is needed. */
  #take(bytes: Buffer, index: number, kind: Kind, line: number): boolean {
    const backlog = this.#backlog;
    const place = this.#place;
    place.hashes = backlog.hashes(index);
    place.indent = backlog.content(index) - backlog.start(index) - 2 * place.hashes;
    switch (kind) {
      case RESULT:
      case RUNNER_RESULT:
        this.#result.read(bytes, backlog, index);
        this.#reader.result(this.#result, place, line, '');
        return true;
      case HEADER:
        if (place.hashes === 0 || place.indent > 0) return false;
        return this.#structure.runnerHeader(runnerNames(bytes, backlog, index), place, line, false);
      case VERSION:
        return this.#structure.version(backlog.number(index) === 1 ? 'ktap' : 'tap', place, line);
      case PLAN: {
        const count = backlog.number(index);
        return this.#structure.plan({ count, skip: count === 0 ? '' : null }, place, line);
      }
      default:
        return false;
    }
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
