// SPDX-License-Identifier: GPL-2.0-only
import type { Diagnostic } from '../format.ts';
import type { LineSource } from '../window.ts';

type Mark = 'FAIL' | 'SKIP' | 'IGNO';

interface Block {
  mark: Mark | null;
  lines: Kept[];
}

/** `text` is null as long as it can be had from the source. */
interface Kept {
  line: number;
  index: number;
  text: string | null;
}

const maxLines = 20;
const maxLinesBeforeMark = 10;
const maxBlocks = 256;
const maxText = 400;

/** Digits of the number of a title. */
const minDigits = 2;
const maxDigits = 5;
/** `[FAIL]`, in any case; `[ OK ]` says that all is well. */
const marks = new Set<string>(['FAIL', 'SKIP', 'IGNO'] satisfies Mark[]);
/** Characters between the brackets of a mark, at most. */
const maxMark = 6;

/**
 * Remembers what a body of mptcp_lib.sh said for people about each numbered subtest that did not pass, for the
 * TAP document at its end, which has the same numbers and no explanation:
 *
 *     02 Established IPv4 MPTCP Connection      [FAIL] Expected tokens …
 *     more lines about it
 *     03 …
 *
 * `mptcp_lib_print_title()` counts and prints the number, `mptcp_lib_pr_fail()`, `_skip()` and `_ok()` the
 * marks; mptcp_join.sh has several marked lines below one title.
 */
export class NumberedBlocks {
  #blocks = new Map<number, Block>();
  #current: Block | null = null;
  #number = 0;
  /** Lines that came behind all these, of which nothing but the place is known: `#from` up to and without `#to`. */
  #source: LineSource | null = null;
  #from = 0;
  #to = 0;
  /** Before which of those the titles ended. */
  #stops: number[] = [];
  /** Blocks of which lines may still lack their text. */
  #fresh: Block[] = [];

  /** The texts of `source` from `from` up to and without `to`; they are read no later than in `catchUp`. */
  addLater(source: LineSource, from: number, to: number): void {
    if (this.#from === this.#to) {
      this.#source = source;
      this.#from = from;
    }
    this.#to = to;
  }

  /** The source goes: reads what is left of it. */
  catchUp(): void {
    if (this.#from === this.#to) return;
    const source = this.#source!;
    const stops = this.#stops;
    if (this.#current !== null) this.#fresh.push(this.#current);
    let stop = 0;
    for (let index = this.#from; index < this.#to; index++) {
      if (stops[stop] === index) {
        this.#stop();
        stop++;
      }
      if (source.isText(index)) this.#look(source.line(index), source.peek(index), index);
    }
    for (const block of this.#fresh) if (block.mark !== null || block === this.#current) copy(block, source);
    if (stop < stops.length) this.#stop();
    this.#fresh = [];
    this.#drop();
  }

  #drop(): void {
    this.#from = 0;
    this.#to = 0;
    if (this.#stops.length > 0) this.#stops = [];
  }

  #look(line: number, text: string, index: number): void {
    const number = this.#titleNumber(text);
    if (number !== null) this.#begin(number);
    if (this.#current === null) return;
    const block = this.#current;
    const mark = findMark(text);
    if (number !== null || mark !== 'OK') keep(block, { line, index, text: null });
    // A failed check makes the subtest fail, whatever the other checks say.
    if (mark !== null && mark !== 'OK' && (block.mark === null || mark === 'FAIL')) block.mark = mark;
  }

  /** The lines about subtest `number` where it was marked so; asked for once, then forgotten. */
  take(number: number, mark: Mark): Diagnostic[] {
    this.catchUp();
    this.#store();
    const block = this.#blocks.get(number);
    if (block?.mark !== mark) return [];
    this.#blocks.delete(number);
    return block.lines.map(({ line, text }) => ({ line, text: text! }));
  }

  /** The titles have ended: what follows is no longer about the last of them. */
  stop(): void {
    if (this.#from === this.#to) this.#stop();
    else if (this.#stops.at(-1) !== this.#to) this.#stops.push(this.#to);
  }

  /** Another test's body begins. */
  reset(): void {
    this.#drop();
    this.#forget();
  }

  #stop(): void {
    this.#store();
    this.#current = null;
  }

  #forget(): void {
    // V8 links the tables that a map outgrew to the next ones: of an old map its young generation lets none go.
    if (this.#number > 0) this.#blocks = new Map();
    this.#current = null;
    this.#number = 0;
  }

  /** Titles count up by one: `10 packets transmitted` does not. A lost title is forgiven where a mark vouches. */
  #titleNumber(text: string): number | null {
    const number = leadingNumber(text);
    if (number === null || number === this.#number + 1 || number === 1) return number;
    return number > this.#number && findMark(text) !== null ? number : null;
  }

  #begin(number: number): void {
    this.#store();
    if (number === 1) this.#forget();
    this.#number = number;
    this.#current = { mark: null, lines: [] };
    this.#fresh.push(this.#current);
  }

  #store(): void {
    if (this.#current === null || this.#current.mark === null || this.#blocks.size >= maxBlocks) return;
    this.#blocks.set(this.#number, this.#current);
  }
}

/** The number of `01 title`, `001 title`: MPTCP_LIB_TEST_FORMAT. */
function leadingNumber(text: string): number | null {
  let number = 0;
  let at = 0;
  for (let code = text.charCodeAt(0); code >= 0x30 && code <= 0x39; code = text.charCodeAt(++at)) {
    if (at === maxDigits) return null;
    number = number * 10 + code - 0x30;
  }
  return at >= minDigits && text.charCodeAt(at) === 0x20 ? number : null;
}

/** The first mark that is not fine, else one that is; null where there is none. */
function findMark(text: string): Mark | 'OK' | null {
  let found: 'OK' | null = null;
  for (let open = text.indexOf('['); open >= 0; ) {
    // What nearly all marked lines end with.
    if (open === text.length - 6 && text.endsWith('[ OK ]')) return 'OK';
    const close = text.indexOf(']', open);
    if (close < 0) break;
    const word =
      close - open > maxMark + 1
        ? ''
        : text
            .slice(open + 1, close)
            .trim()
            .toUpperCase();
    if (word === 'OK') found = 'OK';
    else if (marks.has(word)) return word as Mark;
    open = text.indexOf('[', Math.max(open + 1, close - maxMark - 1));
  }
  return found;
}

/** Before the mark the title and the latest lines are worth their place, behind it the first ones. */
function keep(block: Block, kept: Kept): void {
  const limit = block.mark === null ? maxLinesBeforeMark : maxLines;
  if (block.lines.length < limit) block.lines.push(kept);
  else if (block.mark === null) {
    block.lines.splice(1, 1);
    block.lines.push(kept);
  }
}

function copy(block: Block, source: LineSource): void {
  for (const kept of block.lines) kept.text ??= source.text(kept.index).slice(0, maxText);
}
