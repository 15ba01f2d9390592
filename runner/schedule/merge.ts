// SPDX-License-Identifier: GPL-2.0-only

/** A test that prints for ever must not fill our memory. */
const OUTPUT_MAX = 64 * 2 ** 20;
const LINE_MAX = 65_536;

/** Grows by doubling: a test that prints byte by byte costs no more than one that prints at once. */
class Bytes {
  #buffer = Buffer.alloc(4096);
  #length = 0;

  push(bytes: Buffer): void {
    if (this.#length + bytes.length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length + bytes.length));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    bytes.copy(this.#buffer, this.#length);
    this.#length += bytes.length;
  }

  all(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/**
 * Standard output and standard error of a test, put together line by line in the order in which lines were
 * finished: as in one pipe, but a diagnostic can never land in the middle of a result line. Nothing is added but
 * a line feed where one stream has to go on behind a line that the other one left unfinished.
 */
export class MergedOutput {
  #output = new Bytes();
  #stderr = new Bytes();
  #unfinished: 'out' | 'err' | null = null;
  #open = { out: Buffer.alloc(0), err: Buffer.alloc(0) };
  #bytes = 0;
  #dropped = 0;
  #onLines: (lines: Buffer) => void;

  /** @param onLines gets every stretch of whole lines, in order */
  constructor(onLines: (lines: Buffer) => void) {
    this.#onLines = onLines;
  }

  /** Bytes beyond the first 64 MiB, which were not kept. */
  get dropped(): number {
    return this.#dropped;
  }

  stdout(chunk: Buffer): void {
    this.#add('out', chunk);
  }

  stderr(chunk: Buffer): void {
    this.#add('err', chunk);
  }

  #add(stream: 'out' | 'err', chunk: Buffer): void {
    const last = chunk.lastIndexOf(10);
    const open = this.#open[stream];
    if (last < 0) {
      this.#open[stream] = Buffer.concat([open, chunk]);
      if (this.#open[stream].length > LINE_MAX) this.#flush(stream);
      return;
    }
    this.#keep(
      stream,
      open.length > 0 ? Buffer.concat([open, chunk.subarray(0, last + 1)]) : chunk.subarray(0, last + 1),
    );
    this.#open[stream] = Buffer.from(chunk.subarray(last + 1));
  }

  #flush(stream: 'out' | 'err'): void {
    this.#keep(stream, this.#open[stream]);
    this.#open[stream] = Buffer.alloc(0);
  }

  #keep(stream: 'out' | 'err', bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#unfinished !== null && this.#unfinished !== stream && this.#bytes < OUTPUT_MAX)
      this.#append(Buffer.from('\n'));
    this.#unfinished = bytes.at(-1) === 10 ? null : stream;
    const kept = this.#append(bytes);
    if (stream === 'err') this.#stderr.push(kept);
  }

  /** @returns as much as there was room for */
  #append(bytes: Buffer): Buffer {
    const kept = Buffer.from(bytes.subarray(0, Math.max(0, OUTPUT_MAX - this.#bytes)));
    this.#dropped += bytes.length - kept.length;
    this.#bytes += kept.length;
    if (kept.length > 0) {
      this.#output.push(kept);
      this.#onLines(kept);
    }
    return kept;
  }

  end(): { output: Buffer; stderr: Buffer } {
    this.#flush('out');
    this.#flush('err');
    return { output: this.#output.all(), stderr: this.#stderr.all() };
  }
}
