// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { isKernelLine } from './console/index.ts';
import type { OnEvent, ResultFormat, ResultParser } from './format.ts';
import { dialects, findFormat } from './registry.ts';
import { stripTerminal } from './strip.ts';
import { tap } from './tap/index.ts';
import { placeLine } from './tap/place.ts';
import { testProgsJson } from './test_progs/json.ts';
import { stripUptime } from './uptime.ts';

const rawConsole = findFormat('console')!;

/** Bytes that are looked at before a format is chosen. */
export const lookAhead = 64 * 1024;
/** Of them those that tell a JSON document, whose first lines may be blank or hold nothing but a brace. */
const jsonHead = 64;

/**
 * Chooses by the first line that can hardly be anything but one dialect. Where the kernel speaks before it, or nobody
 * else does, it is a console. Text without a sign may be TAP that comes late: that parser understands the most.
 */
class Detector {
  #kernel = false;

  /** The format that the line shows, if any. */
  look(line: string): ResultFormat | null {
    const text = stripTerminal(line);
    if (isKernelLine(text)) this.#kernel = true;
    const content = stripUptime(placeLine(text).content);
    const found = dialects.find((dialect) => dialect.sign(content)) ?? null;
    return found !== null && this.#kernel ? rawConsole : found;
  }

  /** The format where no line showed one. */
  last(): ResultFormat {
    return this.#kernel ? rawConsole : tap;
  }
}

class AutoParser implements ResultParser {
  #onEvent: OnEvent;
  #detector = new Detector();
  #head = Buffer.alloc(lookAhead);
  #length = 0;
  /** Where the first line begins that was not looked at. */
  #from = 0;
  #parser: ResultParser | null = null;

  constructor(onEvent: OnEvent) {
    this.#onEvent = onEvent;
  }

  push(chunk: Uint8Array): void {
    if (this.#parser !== null) {
      this.#parser.push(chunk);
      return;
    }
    const taken = Math.min(chunk.length, lookAhead - this.#length);
    this.#head.set(chunk.subarray(0, taken), this.#length);
    this.#length += taken;
    const format = this.#mayBecomeJson() ? null : this.#detect();
    if (format === null) return;
    this.#begin(format);
    this.#parser!.push(chunk.subarray(taken));
  }

  end(): void {
    if (this.#parser === null) {
      const found = this.#detect();
      const rest = this.#head.toString('utf8', this.#from, this.#length);
      this.#begin(found ?? this.#detector.look(rest) ?? this.#detector.last());
    }
    this.#parser!.end();
  }

  /** Looks at the lines that are whole; null where more is needed. */
  #detect(): ResultFormat | null {
    const json = this.#from === 0 ? this.#json() : null;
    if (json !== null) return json;
    for (let end = this.#nextEnd(); end >= 0; end = this.#nextEnd()) {
      const line = this.#head.toString('utf8', this.#from, Math.min(end, this.#from + 8192));
      this.#from = end + 1;
      const format = this.#detector.look(line);
      if (format !== null) return format;
    }
    if (this.#length < lookAhead) return null;
    return this.#detector.last();
  }

  #nextEnd(): number {
    return this.#head.subarray(0, this.#length).indexOf(0x0a, this.#from);
  }

  #json(): ResultFormat | null {
    const start = this.#head.toString('latin1', 0, Math.min(this.#length, jsonHead));
    return /^(?:\xef\xbb\xbf)?\s*\{\s*"success"\s*:/.test(start) ? testProgsJson : null;
  }

  /** Blank lines, and a brace, can be the beginning of a JSON document until its first bytes are there. */
  #mayBecomeJson(): boolean {
    if (this.#length >= jsonHead) return false;
    const first = this.#head.toString('latin1', 0, this.#length).trimStart()[0];
    return first === undefined || first === '{' || first === '\xef';
  }

  #begin(format: ResultFormat): void {
    this.#parser = format.parser(this.#onEvent);
    this.#parser.push(this.#head.subarray(0, this.#length));
    this.#head = Buffer.alloc(0);
  }
}

/** Whichever format the input turns out to be; the `end` event says which. */
export const auto: ResultFormat = {
  name: 'auto',
  summary: `the format that the first ${lookAhead / 1024} KiB show`,
  parser: (onEvent) => new AutoParser(onEvent),
};
