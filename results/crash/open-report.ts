// SPDX-License-Identifier: GPL-2.0-only

import { interrupted } from './anchors.ts';
import { findDetails } from './details.ts';
import { type Evidence, findStacks, type Stack } from './evidence.ts';
import { parsePointer } from './frames.ts';
import { meaningful } from './guilty.ts';
import { isBottom, isMachinery } from './machinery.ts';
import type { Matched } from './match.ts';
import { type CrashReport, maxFrames, maxTextCharacters, maxTextLines } from './report.ts';
import { isDoubleRule, isEnd, isFrame, looksLikeReport } from './shape.ts';
import { signatureOf } from './signature.ts';
import type { ConsoleLine } from './stamp.ts';

/** Lines of its own context in a row that do not look like a report's: then it was over before them. */
const maxStrangers = 16;
/** Before its stack there may be more: other CPUs and user programs do not wait for it. */
const maxStrangersBeforeStack = 64;
/** The same for lines of whatever context. */
const maxAge = 200;
/** Milliseconds of kernel time without a line of its own. */
const maxPauseMs = 20_000;

/** kernel/panic.c. */
const panicking = 'Kernel panic - not syncing: ';

/** Lines of other rules that are kept beyond the bounds of the text: the victim of an OOM comes last. */
const maxAttached = 64;

/** Kinds that end with a rule of `=`. */
const ruled = new Set(['kasan', 'kfence', 'kmsan', 'kcsan', 'ubsan']);

/** A report that has begun: it takes lines until it is over. */
export class OpenReport {
  readonly matched: Matched;
  readonly caller: string | null;
  readonly stamped: boolean;
  #lines: ConsoleLine[] = [];
  #characters = 0;
  #head: number;
  #first: ConsoleLine;
  /** The last line that surely belongs to it. */
  #last: ConsoleLine;
  /** Number of kept lines up to that one. */
  #kept = 0;
  #strangers = 0;
  #timeMs: number | null;
  #frames = 0;
  #attached = 0;
  /** An end marker was seen: what follows may be a panic, but nothing to analyse. */
  ended = false;
  panic: string | null = null;
  /** Another report, or the end of the log, came before its end. */
  interrupted = false;
  /** It began in the midst of another, and nothing tells whose the lines are. */
  mixed = false;

  constructor(matched: Matched, lead: readonly ConsoleLine[], line: ConsoleLine) {
    this.matched = matched;
    this.caller = line.caller;
    this.stamped = line.stamped;
    this.#head = lead.length;
    this.#first = lead[0] ?? line;
    this.#last = line;
    this.#timeMs = line.timeMs;
    for (const early of lead) this.#keep(early);
    if (matched.match.input.startsWith(panicking))
      this.panic = matched.match.input.slice(panicking.length).trim();
    this.#belongs(line);
  }

  get hasFrames(): boolean {
    return this.#frames > 0;
  }

  /** Whether more than its first line says that the kernel speaks. */
  get isProved(): boolean {
    return this.hasFrames || this.#attached > 0;
  }

  /** The first line's stamp. */
  get timeMs(): number | null {
    return this.#first.timeMs;
  }

  /** Whether its last stack breaks off. kmemleak keeps no more than the top of one (mm/kmemleak.c: MAX_TRACE). */
  isIncomplete(): boolean {
    if (this.matched.rule.kind === 'kmemleak') return false;
    if (this.ended || !this.hasFrames) return !this.ended;
    const lines = this.#texts();
    const reached =
      findStacks(lines)
        .at(-1)
        ?.frames.some(({ name }) => isBottom(name)) ?? false;
    return !reached && !lines.some((text) => parsePointer(text) === 'user');
  }

  /** Whether it was over before this line. */
  isOver(line: ConsoleLine): boolean {
    const { patience = this.hasFrames ? maxStrangers : maxStrangersBeforeStack } = this.matched.rule;
    if (this.#strangers >= patience || line.line - this.#last.line > Math.max(maxAge, patience)) return true;
    return line.timeMs !== null && this.#timeMs !== null && line.timeMs - this.#timeMs > maxPauseMs;
  }

  /** Takes a line of its context. */
  add(line: ConsoleLine): void {
    if (line.timeMs !== null) this.#timeMs = line.timeMs;
    if (this.ended) {
      this.#strangers = looksLikeReport(line.text) ? 0 : this.#strangers + 1;
      return;
    }
    const ends = isEnd(line.text) || (ruled.has(this.matched.rule.kind) && isDoubleRule(line.text));
    if (ends || looksLikeReport(line.text)) this.#belongs(line);
    else {
      this.#keep(line);
      this.#strangers++;
    }
    if (ends) this.ended = true;
  }

  /** Takes a line that belongs to it whatever it looks like. */
  attach(line: ConsoleLine): void {
    if (this.#attached++ < maxAttached) this.#belongs(line, true);
  }

  #belongs(line: ConsoleLine, always = false): void {
    if (isFrame(line.text)) this.#frames++;
    this.#keep(line, always);
    this.#strangers = 0;
    this.#last = line;
    this.#kept = this.#lines.length;
  }

  #keep(line: ConsoleLine, always = false): void {
    if (
      !always &&
      (this.#lines.length >= maxTextLines || this.#characters + line.text.length > maxTextCharacters)
    )
      return;
    this.#characters += line.text.length;
    this.#lines.push(line);
  }

  /** Of the stack that the title comes from, else of the first that says something. */
  #topFrames(stacks: readonly Stack[], guilty: string | undefined): string[] {
    const told = stacks.map((stack) =>
      this.matched.rule.manyCpus === true
        ? interrupted(stack).filter((name) => !isMachinery(name))
        : meaningful(stack),
    );
    const named = guilty === undefined ? undefined : told.find((names) => names.includes(guilty));
    return (named ?? told.find((names) => names.length > 0) ?? []).slice(0, maxFrames);
  }

  #texts(): string[] {
    return this.#lines.map(({ text }) => text);
  }

  /** The report as far as it is known. */
  report(): CrashReport {
    const { rule, match } = this.matched;
    const lines = this.#texts();
    const evidence: Evidence = { match, lines, head: this.#head, stacks: findStacks(lines) };
    const { what, where, joint, guessed, kind = rule.kind } = rule.title(evidence);
    const functions =
      where === undefined || where === null ? [] : typeof where === 'string' ? [where] : where;
    const place = where === null ? 'corrupted' : functions.join(joint ?? '/');
    return {
      kind,
      title: place === '' ? what : `${what} in ${place}`,
      frames: this.#topFrames(evidence.stacks, functions[0]),
      signature: signatureOf(kind, what, functions),
      fatal: this.panic !== null,
      panic: this.panic,
      line: this.#first.line,
      lastLine: this.#last.line,
      kernelTimeMs: this.#first.timeMs === null ? null : Math.floor(this.#first.timeMs),
      ...findDetails(lines, this.#head),
      corrupt:
        where === null ||
        guessed === true ||
        this.mixed ||
        (where !== undefined && this.interrupted && this.isIncomplete()),
      // Strangers behind its last line are not its own.
      text: lines.slice(0, this.#kept).join('\n'),
    };
  }
}
