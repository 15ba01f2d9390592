// SPDX-License-Identifier: GPL-2.0-only
import type { OnEvent, ParseEvent, Summary, Unnamed } from '../format.ts';
import type { LineFormat, LineReader } from '../line-format.ts';
import { NO_RESULT, Report } from '../report.ts';
import { placeLine } from '../tap/place.ts';
import { Untangler } from './untangle.ts';

/** Lines before the first sign of a dialect that may explain its first result. */
const maxBefore = 16;

/** What lines of all the dialects begin with, behind stamps and layers of `# `. */
const beginnings = new Set([...'onTKtkB1sS#Ff['].map((character) => character.charCodeAt(0)));

/**
 * A console as it was recorded: the kernel's log and what programs printed, on one wire. Which dialect the programs
 * speak is seen by its first sure line, however late that comes; another one may follow.
 */
export class ConsoleReader implements LineReader {
  #report: Report;
  #dialects: readonly LineFormat[];
  #untangler: Untangler;
  #current: { format: LineFormat; reader: LineReader } | null = null;
  #before: [text: string, line: number, cut: boolean][] = [];

  constructor(dialects: readonly LineFormat[], onEvent: OnEvent) {
    this.#dialects = dialects;
    this.#report = new Report('console', onEvent);
    this.#untangler = new Untangler(
      (text, line, cut) => this.#whole(text, line, cut),
      (text) => this.#isWhole(text),
    );
  }

  read(text: string, line: number, cut: boolean): void {
    this.#untangler.read(text, line, cut);
  }

  end(lines: number): void {
    this.#untangler.end();
    this.#current?.reader.end(lines);
    this.#report.end(lines);
  }

  #whole(text: string, line: number, cut: boolean): void {
    const { content, hashes } = placeLine(text);
    const sign = beginnings.has(content.charCodeAt(0)) ? this.#signOf(content) : undefined;
    // In a runner's body it is what a test said, whatever it looks like.
    if (sign !== undefined && sign !== this.#current?.format && (hashes === 0 || this.#current === null))
      this.#begin(sign, line);
    if (this.#current !== null) this.#current.reader.read(text, line, cut);
    else {
      this.#before.push([text, line, cut]);
      if (this.#before.length > maxBefore) this.#before.shift();
    }
  }

  /** Whether a program's text can stand for itself: a line in a runner's body, or one that a dialect knows. */
  #isWhole(text: string): boolean {
    const { hashes, content } = placeLine(text);
    return content !== '' && (hashes > 0 || this.#signOf(content) !== undefined);
  }

  /** The dialect in use is asked first: what it knows is its own. */
  #signOf(content: string): LineFormat | undefined {
    if (this.#current?.format.sign(content)) return this.#current.format;
    return this.#dialects.find((format) => format.sign(content));
  }

  #begin(format: LineFormat, line: number): void {
    this.#current?.reader.end(line - 1);
    this.#current = { format, reader: format.reader((event) => this.#pass(event)) };
    for (const early of this.#before) this.#current.reader.read(...early);
    this.#before = [];
  }

  #pass(event: ParseEvent): void {
    if (event.type === 'result') this.#report.result(event.result, event.nested, event.depth);
    else if (event.type === 'end') this.#add(event.summary);
    else if (event.text === NO_RESULT) return;
    else if (event.lost) this.#report.lost(event.line, event.text);
    else this.#report.problem(event.line, event.text);
  }

  /** Several dialects, several documents: what they planned adds up. */
  #add(added: Summary): void {
    const { summary } = this.#report;
    if (added.plan !== null) summary.plan = (summary.plan ?? 0) + added.plan;
    summary.bailOut ??= added.bailOut;
    if (added.skipAll !== undefined) summary.skipAll ??= added.skipAll;
    summary.metadata = { ...summary.metadata, ...added.metadata };
    const unnamed: Unnamed = { ...summary.unnamed };
    for (const [outcome, count] of Object.entries(added.unnamed) as [keyof Unnamed, number][])
      unnamed[outcome] = (unnamed[outcome] ?? 0) + count;
    summary.unnamed = unnamed;
  }
}
