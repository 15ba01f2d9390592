// SPDX-License-Identifier: GPL-2.0-only
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** A kernel that prints for ever must not fill the host's disk. */
const SPOOL_MAX = 64 * 2 ** 20;
/** Enough for a panic with its trace. */
const TAIL_MAX = 32 * 2 ** 10;
const LINE_MAX = 4096;
const MARKS_MAX = 256;

/**
 * The kernel's log as it arrives on the serial port: spooled to a file, of which any stretch can be read back;
 * in memory only the last 32 KiB.
 */
export class Console {
  readonly path: string;
  #fd: number;
  #bytes = 0;
  #dropped = 0;
  #tail = Buffer.alloc(0);
  /** The end of the line that is not finished yet, and where that line began. */
  #line = '';
  #lineStart = 0;
  #marks = new Map<string, { start: number; end: number }>();
  #waiting = new Map<string, () => void>();

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'w+');
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
    this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-TAIL_MAX);
    this.#findMarks(kept);
    this.#bytes += this.#write(kept);
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

  /** The agent's `multitap: begin 7` and `multitap: end 7`, with the offsets of the lines they stand on. */
  #findMarks(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const line = this.#line + chunk.toString('latin1', from, at);
      const mark = /multitap: ((?:begin|end) \d+)\s*$/.exec(line)?.[1];
      if (mark) {
        const end = this.#bytes + at + 1;
        // A test can forge marks: those kept are few, the newest.
        if (this.#marks.size >= MARKS_MAX) this.#marks.delete(this.#marks.keys().next().value!);
        this.#marks.set(mark, { start: this.#lineStart, end });
        this.#waiting.get(mark)?.();
      }
      this.#line = '';
      from = at + 1;
      this.#lineStart = this.#bytes + from;
    }
    this.#line = (this.#line + chunk.toString('latin1', from)).slice(-LINE_MAX);
  }

  /**
   * What the kernel said while exec `id` ran: between its two marks, where the kernel printed them;
   * otherwise from `since` to now. The end mark takes its time through the serial port: waits up to a second.
   */
  async during(id: number, since: number): Promise<Buffer> {
    const mark = `end ${id}`;
    if (!this.#marks.has(mark)) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#waiting.set(mark, () => {
          clearTimeout(timer);
          resolve();
        });
      });
      this.#waiting.delete(mark);
    }
    const start = this.#marks.get(`begin ${id}`)?.end ?? since;
    const end = this.#marks.get(mark)?.start ?? this.#bytes;
    this.#marks.delete(`begin ${id}`);
    this.#marks.delete(mark);
    return this.slice(start, end);
  }

  slice(start: number, end: number): Buffer {
    const piece = Buffer.alloc(Math.max(0, end - start));
    const read = readSync(this.#fd, piece, 0, piece.length, start);
    return piece.subarray(0, read);
  }

  /** The last 32 KiB as text. */
  tail(): string {
    return this.#tail.toString('utf8').replaceAll('\r', '');
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
