// SPDX-License-Identifier: GPL-2.0-only
import type { Backlog } from '../backlog.ts';
import type { Diagnostic } from '../format.ts';

type Mark = 'FAIL' | 'SKIP' | 'IGNO';

interface Block {
  mark: Mark | null;
  lines: Kept[];
}

/** `text` is null as long as it can be had from the backlog. */
interface Kept {
  line: number;
  index: number;
  text: string | null;
}

const maxLines = 20;
const maxLinesBeforeMark = 10;
const maxBlocks = 256;
const maxText = 400;

/** `01 title`, `001 title`: MPTCP_LIB_TEST_FORMAT. */
const title = /^(\d{2,5}) /;
/** `[ OK ]`, `[FAIL]`: the words, in any case. */
const words = new Set(['FAIL', 'SKIP', 'IGNO', 'OK']);
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
  #backlog: Backlog | null = null;
  #from = 0;
  #to = 0;
  /** Blocks of which lines may still lack their text. */
  #fresh: Block[] = [];
  /** Before which of those the titles ended. */
  #stops: number[] = [];

  add(line: number, text: string): void {
    this.catchUp();
    this.#look(line, text, -1);
    this.#fresh = [];
  }

  /** The line `index` of `backlog`; it is read no later than in `catchUp`. */
  addLater(backlog: Backlog, index: number): void {
    if (this.#from === this.#to) {
      this.#backlog = backlog;
      this.#from = index;
    }
    this.#to = index + 1;
  }

  /** The backlog goes: reads what is left of it. */
  catchUp(): void {
    if (this.#from === this.#to) return;
    const backlog = this.#backlog!;
    const stops = this.#stops;
    if (this.#current !== null) this.#fresh.push(this.#current);
    let stop = 0;
    for (let index = this.#from; index < this.#to; index++) {
      if (stops[stop] === index) {
        this.#stop();
        stop++;
      }
      this.#look(backlog.line(index), backlog.peek(index), index);
    }
    for (const block of this.#fresh) if (block.mark !== null || block === this.#current) copy(block, backlog);
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
    const found = findMarks(text);
    const onlyFine = number === null && found.length > 0 && found.every((mark) => mark === 'OK');
    if (!onlyFine) keep(this.#current, { line, index, text: index < 0 ? text.slice(0, maxText) : null });
    addMarks(this.#current, found);
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
    this.#blocks.clear();
    this.#current = null;
    this.#number = 0;
  }

  /** Titles count up by one: `10 packets transmitted` does not. A lost title is forgiven where a mark vouches. */
  #titleNumber(text: string): number | null {
    const match = isDigit(text.charCodeAt(0)) ? title.exec(text) : null;
    if (match === null) return null;
    const number = Number(match[1]);
    if (number === this.#number + 1 || number === 1) return number;
    return number > this.#number && findMarks(text).length > 0 ? number : null;
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

/** A failed check makes the subtest fail, whatever the other checks say. */
function addMarks(block: Block, found: readonly string[]): void {
  const bad = found.find((word) => word !== 'OK') as Mark | undefined;
  if (bad !== undefined && (block.mark === null || bad === 'FAIL')) block.mark = bad;
}

const noMarks: readonly string[] = [];

function findMarks(text: string): readonly string[] {
  let found: string[] | null = null;
  for (let open = text.indexOf('['); open >= 0; open = text.indexOf('[', open + 1)) {
    const close = text.indexOf(']', open);
    if (close < 0) break;
    if (close - open - 1 > maxMark) continue;
    const word = text
      .slice(open + 1, close)
      .trim()
      .toUpperCase();
    if (!words.has(word)) continue;
    found ??= [];
    found.push(word);
  }
  return found ?? noMarks;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Before the mark the title and the latest lines are worth their place, behind it the first ones. */
function keep(block: Block, kept: Kept): void {
  const limit = block.mark === null ? maxLinesBeforeMark : maxLines;
  if (block.lines.length < limit) block.lines.push(kept);
  else if (block.mark === null) {
    block.lines.splice(1, 1);
    block.lines.push(kept);
  }
}

function copy(block: Block, backlog: Backlog): void {
  for (const kept of block.lines) kept.text ??= backlog.text(kept.index).slice(0, maxText);
}
