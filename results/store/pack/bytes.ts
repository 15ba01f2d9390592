// SPDX-License-Identifier: GPL-2.0-only

/** Whole numbers as bytes: seven bits in each, the lowest first, the eighth says that more follow (LEB128). */
export class ByteWriter {
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

  /** @throws RangeError for what is not a whole number from 0 to 2^53 */
  number(value: number): void {
    if (value < 0 || !Number.isSafeInteger(value)) throw new RangeError(`${value} cannot be packed`);
    let rest = value;
    // Bit operations have 32 bits only.
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

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Reads what `ByteWriter` wrote, in the same order. */
export class ByteReader {
  #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** @throws RangeError behind the end */
  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError('packed results end too early');
    return value;
  }

  /** @throws RangeError behind the end, and for a number that nobody wrote */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a packed number is too large');
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
}
