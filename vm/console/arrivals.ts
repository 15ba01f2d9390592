// SPDX-License-Identifier: GPL-2.0-only
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Offset and time of one arrival, each a little-endian double. */
const RECORD = 16;
const PENDING_MAX = 256;
/** 64 MiB of console in reads of 64 bytes: a bound on the disk that no real guest meets. */
const RECORDS_MAX = 1 << 20;

/**
 * When which byte of a stream arrived: one record for each read, in a file, so that the memory needed does not grow
 * with the stream. Times are milliseconds of one monotonic clock.
 */
export class Arrivals {
  #fd: number;
  #written = 0;
  #pending: { offset: number; ms: number }[] = [];

  constructor(path: string) {
    this.#fd = openSync(path, 'w+');
  }

  /** Offsets and times must not go back. Reads within the same millisecond are one. */
  add(offset: number, ms: number): void {
    const last = this.#pending.at(-1);
    if (this.#written + this.#pending.length >= RECORDS_MAX) return;
    if (last && Math.floor(last.ms) === Math.floor(ms)) return;
    this.#pending.push({ offset, ms });
    if (this.#pending.length >= PENDING_MAX) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.alloc(this.#pending.length * RECORD);
    this.#pending.forEach(({ offset, ms }, i) => {
      bytes.writeDoubleLE(offset, i * RECORD);
      bytes.writeDoubleLE(ms, i * RECORD + 8);
    });
    try {
      writeSync(this.#fd, bytes, 0, bytes.length, this.#written * RECORD);
      this.#written += this.#pending.length;
    } catch {
      // A full disk costs times, never the run.
    }
    this.#pending = [];
  }

  #record(index: number): { offset: number; ms: number } {
    if (index >= this.#written) return this.#pending[index - this.#written]!;
    const bytes = Buffer.alloc(RECORD);
    readSync(this.#fd, bytes, 0, RECORD, index * RECORD);
    return { offset: bytes.readDoubleLE(0), ms: bytes.readDoubleLE(8) };
  }

  /** When the byte at `offset` arrived; 0 where nothing has. */
  at(offset: number): number {
    let low = 0;
    let high = this.#written + this.#pending.length;
    if (high === 0) return 0;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#record(middle).offset <= offset) low = middle;
      else high = middle;
    }
    return this.#record(low).ms;
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
