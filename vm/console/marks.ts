// SPDX-License-Identifier: GPL-2.0-only

/** Where in the console the line of a mark begins and ends, in bytes. */
export interface Mark {
  start: number;
  end: number;
}

const WORD = Buffer.from('multitap: ');
const LINE_MAX = 256;
const MARKS_MAX = 256;

/**
 * Finds the agent's `multitap: begin ID` and `multitap: end ID` at the ends of lines, in one pass over the
 * stream however it is cut. All else costs a search for a newline and one for the word, both native.
 */
export class Marks {
  #found = new Map<string, Mark>();
  #waiting = new Map<string, () => void>();
  /** The stream's offset of the next byte, the end of the line that is not finished, and where that line began. */
  #bytes = 0;
  #rest = Buffer.alloc(0);
  #lineStart = 0;

  push(chunk: Buffer): void {
    const first = chunk.indexOf(10);
    if (first < 0) this.#rest = Buffer.concat([this.#rest, chunk]).subarray(-LINE_MAX);
    else {
      const head = Buffer.concat([this.#rest, chunk.subarray(0, first)]).subarray(-LINE_MAX);
      this.#line(head, this.#bytes + first + 1);
      for (let at = chunk.indexOf(WORD, first + 1); at >= 0; ) {
        const end = chunk.indexOf(10, at);
        if (end < 0) break;
        this.#lineStart = this.#bytes + chunk.lastIndexOf(10, at) + 1;
        this.#line(chunk.subarray(Math.max(at, end - LINE_MAX), end), this.#bytes + end + 1);
        at = chunk.indexOf(WORD, end);
      }
      const last = chunk.lastIndexOf(10);
      this.#rest = Buffer.from(chunk.subarray(last + 1).subarray(-LINE_MAX));
      this.#lineStart = this.#bytes + last + 1;
    }
    this.#bytes += chunk.length;
  }

  #line(line: Buffer, end: number): void {
    if (!line.includes(WORD)) return;
    const mark = /multitap: ((?:begin|end) \w+)\s*$/.exec(line.toString('latin1'))?.[1];
    if (!mark) return;
    // A test can forge marks: of one word the first is kept, which was ours, and of all the newest.
    if (this.#found.has(mark)) return;
    if (this.#found.size >= MARKS_MAX) this.#found.delete(this.#found.keys().next().value!);
    this.#found.set(mark, { start: this.#lineStart, end });
    this.#waiting.get(mark)?.();
  }

  /** The mark, as soon as it is there; undefined after `ms`. Each is handed out once. */
  async take(mark: string, ms: number): Promise<Mark | undefined> {
    if (!this.#found.has(mark) && ms > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#waiting.set(mark, () => {
          clearTimeout(timer);
          resolve();
        });
      });
      this.#waiting.delete(mark);
    }
    const found = this.#found.get(mark);
    this.#found.delete(mark);
    return found;
  }
}
