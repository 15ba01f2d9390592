// SPDX-License-Identifier: GPL-2.0-only

/** Whole numbers as bytes: seven bits in each, the lowest first, the eighth says that more follow (LEB128). */
export class Bytes {
  #bytes: Uint8Array = new Uint8Array(64);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = value;
  }

  /** @param value up to 2^53; what is negative can only be rubbish, and is 0 */
  number(value: number): void {
    let rest = Math.max(0, value);
    while (rest > 0x7f) {
      this.byte((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Small numbers of either sign in few bytes: 0, -1, 1, -2, … (zigzag). */
  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }
}
