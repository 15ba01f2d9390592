// SPDX-License-Identifier: GPL-2.0-only

const KEPT_BYTES = 8192;
const LINES = 8;

/** The end of what a driver's programs say: a guest can make them say as much as it likes. */
export class Words {
  #kept = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#kept = Buffer.concat([this.#kept, chunk]).subarray(-KEPT_BYTES);
  }

  /** The last lines: of a Python program's trace, those that tell what is wrong. */
  last(): string {
    return this.#kept.toString('utf8').trim().split('\n').slice(-LINES).join('\n');
  }
}
