// SPDX-License-Identifier: GPL-2.0-only
import { INPUT_WINDOW } from './protocol.ts';

const PIECE = 65_536;

/**
 * A program's standard input: sends no more than the agent has room for, and goes on when that tells what the
 * program took. What waits here is the caller's own memory: who awaits each `write` holds one piece at a time.
 */
export class Input {
  #send: (bytes: Uint8Array) => void;
  #room = INPUT_WINDOW;
  #waiting: { bytes: Uint8Array; sent(): void }[] = [];
  #closed = false;

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Resolves when all of it is on the way to the program, or nobody is there to take it. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed || bytes.length === 0) return Promise.resolve();
    return new Promise((sent) => {
      this.#waiting.push({ bytes, sent });
      this.#go();
    });
  }

  /** The end of it, behind what still waits. */
  end(): void {
    if (this.#closed) return;
    this.#waiting.push({ bytes: new Uint8Array(0), sent: () => this.close() });
    this.#go();
  }

  /** The agent tells that the program took this much more. */
  taken(bytes: number): void {
    this.#room = Math.min(INPUT_WINDOW, this.#room + bytes);
    this.#go();
  }

  /** Nobody takes any more. */
  close(): void {
    this.#closed = true;
    for (const { sent } of this.#waiting.splice(0)) sent();
  }

  #go(): void {
    while (!this.#closed && this.#waiting.length > 0) {
      const first = this.#waiting[0]!;
      const piece = first.bytes.subarray(0, Math.min(PIECE, this.#room));
      if (piece.length === 0 && first.bytes.length > 0) return;
      first.bytes = first.bytes.subarray(piece.length);
      this.#room -= piece.length;
      this.#send(piece);
      if (first.bytes.length > 0) continue;
      this.#waiting.shift();
      first.sent();
    }
  }
}
