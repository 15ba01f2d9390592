// SPDX-License-Identifier: GPL-2.0-only
import type { OnEvent } from '../format.ts';
import type { LineReader } from '../line-format.ts';
import { Report } from '../report.ts';
import { TapGlancer } from './glancer.ts';
import { findGlued, looksGlued } from './glued.ts';
import type { Level } from './level.ts';
import { Nesting } from './nesting.ts';
import { NumberedBlocks } from './numbered.ts';
import { isTotals } from './other-lines.ts';
import { comparePlaces, type PlacedLine as Line, type Place, placeLine } from './place.ts';
import { parseResultLine, type ResultLine } from './result-line.ts';
import { Structure } from './structure.ts';
import { type Context, tellTest } from './tell-test.ts';

const NO_CHILDREN: Level[] = [];

/**
 * Kernel TAP in one pass: a line is a result, or says how results hang together, or explains one of them.
 * Memory is bounded by the depth of nesting, time by a constant per byte.
 */
export class TapReader implements LineReader {
  #numbered = new NumberedBlocks();
  #report: Report;
  #nesting: Nesting;
  #structure: Structure;
  #context: Context;
  readonly glancer: TapGlancer;

  constructor(onEvent: OnEvent) {
    this.#report = new Report('tap', onEvent);
    this.#nesting = new Nesting(this.#report);
    this.#structure = new Structure(this.#report, this.#nesting, this.#numbered);
    this.#context = { report: this.#report, nesting: this.#nesting, numbered: this.#numbered };
    this.glancer = new TapGlancer(this.#nesting, this.#numbered, this.#structure, this);
  }

  end(lines: number): void {
    this.#nesting.end(lines);
    this.#report.end(lines);
  }

  read(text: string, number: number, cut: boolean): void {
    const line = this.#inward(placeLine(text, number));
    if (line.content === '') return;
    const result = parseResultLine(line.content);
    if (result !== null && this.#isTrusted(result, line)) {
      if (cut) this.#report.problem(number, 'result line too long, its end is lost', line.content);
      this.result(result, line, number, line.content);
    } else if (!this.#structure.read(line)) this.#other(line);
  }

  /** Takes in a result at `place`; `content` is for telling what is odd about it. */
  result(result: ResultLine, place: Place, line: number, content: string): void {
    const { top } = this.#nesting;
    if (top !== null && !top.flat && top.restarting === null && comparePlaces(top.place, place) === 0)
      tellTest(result, line, top, NO_CHILDREN, this.#context);
    else this.#resultElsewhere(result, place, line);
    const level = this.#nesting.top!;
    if (result.doubt !== '') this.#report.problem(line, result.doubt, content);
    level.count(result);
    level.since.clear();
    if (result.collection !== null) this.#numbered.reset();
  }

  /** The result ends what is deeper, or a subtest at its own place, or is the first at its place. */
  #resultElsewhere(result: ResultLine, place: Place, line: number): void {
    const nesting = this.#nesting;
    const waiting = nesting.closeDeeper(place, line);
    if (nesting.top !== null) this.#structure.restart(nesting.top, line);
    const flat = nesting.closeFlat(place, result.name, waiting !== null, line);
    const level = nesting.at(place, line);
    const children = [flat, waiting].filter((child) => child !== null);
    tellTest(result, line, level, children, this.#context);
  }

  /** KUnit results that the kernel prints while a runner's test loads a module are results of that test. */
  #inward(line: Line): Line {
    if (!line.stamped || line.hashes > 0 || line.content.includes('selftests: ')) return line;
    const body = this.#nesting.find(({ title }) => title?.collection != null);
    return body === undefined || body.title!.stamped ? line : { ...line, hashes: body.place.hashes };
  }

  /** A bare `ok` is a result for TAP 13 and 14, but only where they are spoken and nothing else is numbered. */
  #isTrusted(result: ResultLine, line: Line): boolean {
    if (result.certain) return true;
    const { top } = this.#nesting;
    const here = top !== null && comparePlaces(top.place, line) === 0;
    if (here && (top.restarting ?? top.version) === 'tap' && top.highestNumber === 0) return true;
    this.#report.problem(line.line, 'looks like a result but has no number', line.content);
    return false;
  }

  /** Any other line explains something: keep it where the result that it explains will look for it. */
  #other(line: Line): void {
    if (this.#glued(line) || isTotals(line.content)) return;
    this.glancer.keep(line.body, line.line);
  }

  /**
   * A runner's result behind other text is taken where nothing else can be meant: a failure, or the end of
   * the very test that the runner started last. Everything else is a problem for a person.
   */
  #glued(line: Line): boolean {
    const glued = findGlued(line.content);
    if (glued === null) {
      if (looksGlued(line.content))
        this.#report.problem(line.line, 'a result may hide in this line', line.content);
      return false;
    }
    const { result, failed, torn } = glued;
    const title = this.#nesting.find((level) => level.title?.collection != null)?.title;
    const awaited = title?.name === result.name && title.collection === result.collection;
    if (failed || (awaited && !torn)) {
      this.#report.problem(line.line, 'a result behind other text, taken as a result', line.content);
      this.result(result, { hashes: 0, indent: 0 }, line.line, line.content);
      return true;
    }
    this.#report.lost(line.line, 'a result behind other text, not trusted', line.content);
    const header = { collection: result.collection!, name: result.name };
    if (!awaited) this.#structure.runnerHeader(header, { hashes: 1, indent: 0 }, line.line, line.stamped);
    return true;
  }
}
