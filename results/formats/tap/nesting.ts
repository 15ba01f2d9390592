// SPDX-License-Identifier: GPL-2.0-only
import type { TestResult } from '../format.ts';
import { newResult } from '../new-result.ts';
import { NO_METADATA, NOTHING_UNNAMED, type Report, withMissing } from '../report.ts';
import { type LineSource, LineWindow } from '../window.ts';
import { Level, type Title } from './level.ts';
import { comparePlaces, type Place } from './place.ts';

/** Deeper levels are folded into the last one, so that neither we nor our readers recurse without end. */
const maxDepth = 64;

/** The levels that are open at a line, outermost first. */
export class Nesting {
  #levels: Level[] = [];
  #report: Report;
  #outermost: Place | null = null;
  /** Lines before anything that has a level. */
  #stray = new LineWindow();

  constructor(report: Report) {
    this.#report = report;
  }

  get top(): Level | null {
    const { length } = this.#levels;
    return length === 0 ? null : this.#levels[length - 1]!;
  }

  get depth(): number {
    return this.#levels.length - 1;
  }

  /** The innermost level of which `what` is true. */
  find(what: (level: Level) => boolean): Level | undefined {
    return this.#levels.findLast(what);
  }

  /** Keeps a line for the result that it explains: the next one, or one further out. */
  explain(line: number, text: string): void {
    (this.top?.since ?? this.#stray).add(line, text);
  }

  /** Keeps lines of `source` as `explain` does. */
  explainLater(source: LineSource, from: number, to: number): void {
    (this.top?.since ?? this.#stray).addLater(source, from, to);
  }

  /** The source goes: whatever is still wanted of it is copied. */
  catchUp(): void {
    this.#stray.catchUp();
    for (const { before, since } of this.#levels) {
      before.catchUp();
      since.catchUp();
    }
  }

  /** Closes what is deeper than `place`; the outermost of that still waits for the result it belongs to. */
  closeDeeper(place: Place, line: number): Level | null {
    let waiting: Level | null = null;
    while (this.top !== null && comparePlaces(this.top.place, place) > 0) {
      const level = this.#pop(line);
      const below = this.top;
      if (below !== null && comparePlaces(below.place, place) > 0) this.adopt(level, below, line);
      else waiting = level;
    }
    return waiting;
  }

  /** The level at `place`, opened if need be. Close what is deeper first. */
  at(place: Place, line: number): Level {
    const { top } = this;
    if (top !== null && comparePlaces(top.place, place) === 0) return top;
    return this.open(place, null, false, line);
  }

  /** The level at `place` for a line that is no result: what was deeper has lost its parent. */
  settle(place: Place, line: number): Level {
    const waiting = this.closeDeeper(place, line);
    const level = this.at(place, line);
    if (waiting !== null) this.adopt(waiting, level, line);
    return level;
  }

  open(place: Place, title: Title | null, flat: boolean, line: number): Level {
    if (this.#levels.length >= maxDepth) {
      this.#report.problem(line, `nested deeper than ${maxDepth} levels`);
      return this.top!;
    }
    const level = new Level(place, title, flat);
    level.before.absorb(this.#stray);
    this.#levels.push(level);
    return level;
  }

  /**
   * Ends the flat subtest at `place` called `name`, and those within it that never ended; null where there is
   * none. One that has all its results, by its plan or because they stood deeper, ends with any name.
   */
  closeFlat(place: Place, name: string, hasChildren: boolean, line: number): Level | null {
    const { top } = this;
    if (!top?.flat || comparePlaces(top.place, place) !== 0) return null;
    let found = this.#levels.length - 1;
    // The outermost level is never a flat one.
    while (this.#levels[found]!.flat && this.#levels[found]!.title!.name !== name) found--;
    if (!this.#levels[found]!.flat) return isFull(top, hasChildren) ? this.#pop(line) : null;
    while (this.#levels.length - 1 > found) this.closeTop(line);
    return this.#pop(line);
  }

  /** Ends all flat subtests at the top: a new document begins at their place. */
  closeAllFlat(line: number): void {
    while (this.top?.flat) this.closeTop(line);
  }

  /** Ends the top level, giving what it held to the one below. */
  closeTop(line: number): void {
    const level = this.#pop(line);
    const below = this.top ?? this.open({ hashes: level.place.hashes, indent: 0 }, null, false, line);
    this.adopt(level, below, line);
  }

  /** The input has ended: what is still open becomes the document. */
  end(line: number): void {
    while (this.top !== null) {
      const level = this.#pop(line);
      if (this.top === null) this.#endOutermost(level);
      this.adopt(level, this.top, line);
    }
  }

  /**
   * Gives the results of a level that lost its parent to `into`: below a test that is `missing` where a header
   * named it (it was started and never reported), else as they are. Without `into` they are the document's.
   */
  adopt(level: Level, into: Level | null, line: number): void {
    if (level.title !== null) {
      const { name, collection, line: started } = level.title;
      this.#report.lost(started, `started and never reported: ${name}`);
      this.#tellMissing(name, collection, level, line);
      into?.holdMissing(name);
      return;
    }
    if (into === null) {
      const { summary } = this.#report;
      summary.unnamed = withMissing(summary.unnamed, level.missing);
      if (level.parentMetadata !== null) summary.metadata = level.parentMetadata;
    } else into.carry(level.missing);
    if (level.held === 0) return;
    if (into !== null && !into.empty)
      this.#report.lost(line, `${level.held} nested results without the result of their test`);
    into?.hold(level.held, level.bad);
  }

  /** Ends the document at `level`; the plan of the outermost ones is the plan of all. */
  finish(level: Level, line: number): void {
    if (level.plan !== null && !level.flat) this.#plan(level.place, level.plan);
    const wrong = level.check();
    if (wrong === null) return;
    const at = level.plan === null ? line : level.planLine;
    if (wrong.lost) this.#report.lost(at, wrong.text);
    else this.#report.problem(at, wrong.text);
  }

  #endOutermost(level: Level): void {
    const { summary } = this.#report;
    const planned = this.#outermost !== null && comparePlaces(this.#outermost, level.place) === 0;
    if (level.title !== null || !planned) summary.plan = null;
    if (level.skip !== null && level.held === 0) summary.skipAll = level.skip;
  }

  #plan(place: Place, count: number): void {
    const order = this.#outermost === null ? -1 : comparePlaces(place, this.#outermost);
    if (order > 0) return;
    const { summary } = this.#report;
    summary.plan = order < 0 ? count : (summary.plan ?? 0) + count;
    this.#outermost = place;
  }

  #tellMissing(name: string, collection: string | null, level: Level, line: number): void {
    level.stopBefore();
    const result: TestResult = {
      ...newResult(name, 'missing', level.title!.line),
      collection,
      lastLine: line,
      unnamed: withMissing(NOTHING_UNNAMED, level.missing),
      metadata: level.parentMetadata ?? NO_METADATA,
      diagnostics: level.before.lines(),
    };
    this.#report.result(result, level.held, Math.max(0, this.depth));
  }

  #pop(line: number): Level {
    const level = this.#levels.pop()!;
    this.finish(level, line);
    return level;
  }
}

function isFull(level: Level, hasChildren: boolean): boolean {
  return (hasChildren && level.held === 0) || level.seen === level.plan;
}
