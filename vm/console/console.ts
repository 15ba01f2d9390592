// SPDX-License-Identifier: GPL-2.0-only
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { MarkWords } from '../guest/protocol.ts';
import { Arrivals } from './arrivals.ts';
import { type ConsoleLine, consoleLines } from './lines.ts';
import { Marks } from './marks.ts';

/** A kernel that prints for ever must not fill the host's disk. */
const SPOOL_MAX = 64 * 2 ** 20;
/** Enough for a panic with its trace. */
const TAIL_MAX = 32 * 2 ** 10;
/** The end mark of a program takes its time through the serial port. */
const MARK_WAIT_MS = 1000;

/**
 * The kernel's log as it arrives on the serial port: spooled to a file, of which any stretch can be read back with
 * the time at which each line arrived; in memory only the last 32 KiB.
 */
export class Console {
  readonly path: string;
  #fd: number;
  #bytes = 0;
  #dropped = 0;
  #tail = Buffer.alloc(TAIL_MAX);
  #tailLength = 0;
  #marks = new Marks();
  #arrivals: Arrivals;
  #opened = performance.now();
  #listeners = new Set<(chunk: Buffer) => void>();

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'w+');
    this.#arrivals = new Arrivals(`${path}.times`);
  }

  /** Bytes kept so far: a position to slice from. */
  get position(): number {
    return this.#bytes;
  }

  /** Bytes that came after the first 64 MiB and were not kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What still comes after `close` is let go of: a socket may have more to give than the machine it came from. */
  push(chunk: Buffer): void {
    if (this.#fd < 0) return;
    const kept = chunk.subarray(0, Math.max(0, SPOOL_MAX - this.#bytes));
    this.#dropped += chunk.length - kept.length;
    this.#remember(chunk);
    const written = this.#write(kept);
    if (written > 0) this.#arrivals.add(this.#bytes, performance.now() - this.#opened);
    this.#marks.push(kept.subarray(0, written));
    this.#bytes += written;
    for (const listener of this.#listeners) listener(chunk);
  }

  /** Calls `listener` with every chunk from now on, also those that are no longer kept; returns what ends it. */
  listen(listener: (chunk: Buffer) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #remember(chunk: Buffer): void {
    const fresh = chunk.subarray(-TAIL_MAX);
    const kept = Math.min(this.#tailLength, TAIL_MAX - fresh.length);
    this.#tail.copyWithin(0, this.#tailLength - kept, this.#tailLength);
    fresh.copy(this.#tail, kept);
    this.#tailLength = kept + fresh.length;
  }

  /** As much as the disk takes: a full one costs the log, never the run. */
  #write(bytes: Buffer): number {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch {
      this.#dropped += bytes.length - written;
    }
    return written;
  }

  /**
   * What the kernel said while the program with these marks ran: between the two, where the kernel printed them; otherwise from `since` to now. Waits up to a second for the end.
   */
  async during({ begin, end }: MarkWords, since: number): Promise<Buffer> {
    const until = (await this.#marks.take(`end ${end}`, MARK_WAIT_MS))?.start ?? this.#bytes;
    const from = (await this.#marks.take(`begin ${begin}`, 0))?.end ?? since;
    return this.slice(from, until);
  }

  slice(start: number, end: number): Buffer {
    const piece = Buffer.alloc(Math.max(0, Math.min(end, this.#bytes) - start));
    const read = readSync(this.#fd, piece, 0, piece.length, start);
    return piece.subarray(0, read);
  }

  /** The lines between two positions, each with its times. */
  lines(start: number, end: number): Generator<ConsoleLine> {
    return consoleLines(this.slice(start, end), start, (offset) => this.#arrivals.at(offset));
  }

  /** The last 32 KiB as text. */
  tail(): string {
    return this.#tail.toString('utf8', 0, this.#tailLength).replaceAll('\r', '');
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    this.#arrivals.close();
  }
}
