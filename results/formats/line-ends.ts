// SPDX-License-Identifier: GPL-2.0-only
import { ascii } from './bytes.ts';

const { newline, tab } = ascii;

/** Ends of lines that are found in one go: so many lines a reader can have looked at and not yet worked off. */
export const maxEnds = 2048;

const noWords = new Int32Array(0);

/**
 * Finds the ends of lines, and which of them hold more than printable ASCII and tabs. It looks at four bytes at once:
 * every byte has to be looked at, and one by one that costs more than all that is done with most lines.
 */
export class LineEnds {
  /** Where the newlines stand; `~end` (below zero) ends a line that is not plain. */
  readonly ends = new Int32Array(maxEnds);
  count = 0;
  #plain = true;

  /** A new line begins. */
  reset(): void {
    this.#plain = true;
  }

  /** Fills `ends` from `from` on; where it stopped: at the end of `bytes`, or behind the last newline it had room for. */
  find(bytes: Uint8Array, from: number): number {
    const { length } = bytes;
    const base = -bytes.byteOffset & 3;
    const count = (length - base) >> 2;
    const words = count < 1 ? noWords : new Int32Array(bytes.buffer, bytes.byteOffset + base, count);
    this.count = 0;
    for (let at = from; at < length; ) {
      const over = (at - base) & 3;
      if (over === 0 && at >= base) at = base + 4 * skipQuiet(words, (at - base) >> 2);
      const stop = Math.min(length, at + 4 - ((at - base) & 3));
      for (; at < stop; at++) {
        const byte = bytes[at]!;
        if (byte === newline) {
          this.ends[this.count++] = this.#plain ? at : ~at;
          this.#plain = true;
          if (this.count === maxEnds) return at + 1;
        } else if (byte >= 0x7f || (byte < 0x20 && byte !== tab)) this.#plain = false;
      }
    }
    return length;
  }
}

/** The first word from `from` on that may hold a byte other than printable ASCII. */
function skipQuiet(words: Int32Array, from: number): number {
  let at = from;
  // Of each byte the highest bit: set by what is below 0x20 in the first term, by 0x7f in the second, else in the third.
  // A borrow or carry into the next byte only comes from one that is set itself.
  for (; at < words.length; at++) {
    const word = words[at]!;
    if ((((word - 0x20202020) | (word + 0x01010101) | word) & 0x80808080) !== 0) break;
  }
  return at;
}
