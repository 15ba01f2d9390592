// SPDX-License-Identifier: GPL-2.0-only
import { stripStamps } from '../strip.ts';

/** printk's stamp, also with the caller, behind other text. Microseconds: nothing else is written so. */
const printk = /<\d{1,3}>\[ {0,9}\d{1,7}\.\d{6}\]|\[ {0,9}\d{1,7}\.\d{6}\]/;

/** Characters of an unfinished line that are kept. */
const maxPending = 8192;

export type OnWhole = (text: string, line: number, cut: boolean) => void;

/**
 * Takes apart what the kernel and programs wrote to one wire. The kernel does not wait for a program's line to end:
 *
 *     # ok 3 some na[   12.345678] BUG: KASAN: slab-use-after-free in foo
 *     [   12.345679] Read of size 8
 *     me of a test
 *
 * A stamp in the midst of a program's line ends its first part; the next line without a stamp goes on with it, unless
 * it is a line of its own (`startsNew`): then the program had written all it wanted to. Each line is given out when
 * it is whole, with the number of its last part.
 */
export class Untangler {
  #onWhole: OnWhole;
  #startsNew: (text: string) => boolean;
  #pending: { text: string; line: number } | null = null;

  constructor(onWhole: OnWhole, startsNew: (text: string) => boolean) {
    this.#onWhole = onWhole;
    this.#startsNew = startsNew;
  }

  read(text: string, line: number, cut: boolean): void {
    // Stamped lines are the kernel's, and come whole.
    if (stripStamps(text).length !== text.length) {
      this.#onWhole(text, line, cut);
      return;
    }
    const at = text.includes('] ') || text.endsWith(']') ? (printk.exec(text)?.index ?? -1) : -1;
    if (at > 0) {
      this.#program(text.slice(0, at), line, false, false);
      this.#onWhole(text.slice(at), line, cut);
    } else this.#program(text, line, cut, true);
  }

  /** The input is over. */
  end(): void {
    this.#give();
  }

  #program(text: string, line: number, cut: boolean, whole: boolean): void {
    const pending = this.#pending?.text ?? '';
    if (pending !== '' && text !== '' && !this.#goesOn(pending, text)) this.#give();
    const joined = `${this.#pending?.text ?? ''}${text}`;
    if (whole) {
      this.#pending = null;
      this.#onWhole(joined, line, cut);
    } else this.#pending = { text: joined.slice(0, maxPending), line };
  }

  /** `not ` and `ok 1 a` are one line although the second looks like a whole one; `ok 1 a` and `ok 2 b` are not. */
  #goesOn(pending: string, text: string): boolean {
    if (!this.#startsNew(text)) return true;
    return !this.#startsNew(pending) && this.#startsNew(pending + text);
  }

  #give(): void {
    if (this.#pending === null) return;
    const { text, line } = this.#pending;
    this.#pending = null;
    this.#onWhole(text, line, false);
  }
}
