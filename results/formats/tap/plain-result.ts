// SPDX-License-Identifier: GPL-2.0-only
import type { Buffer } from 'node:buffer';
import type { Outcome } from '../../words.ts';
import { Page } from '../page.ts';
import { type Backlog, RUNNER_RESULT } from './backlog.ts';
import type { ResultLine } from './result-line.ts';

/** What `ok` begins with. */
const o = 0x6f;

/** Bytes that a kept name keeps alive at most. */
const pageBytes = 512;

/** A result of which all was seen. One object for all of them: each `read` forgets what came before. */
export class PlainResult implements ResultLine {
  number = 0;
  name = '';
  collection: string | null = null;
  outcome: Outcome = 'pass';
  durationMs: number | null = null;
  readonly exitCode = null;
  readonly markedFlaky = false;
  readonly reason = '';
  readonly certain = true;
  readonly doubt = '';
  #page = new Page(pageBytes);

  /** The line `index` of `backlog`, a RESULT or RUNNER_RESULT. */
  read(bytes: Buffer, backlog: Backlog, index: number): void {
    const rest = backlog.rest(index);
    this.number = backlog.number(index);
    this.outcome = bytes[backlog.content(index)] === o ? 'pass' : 'fail';
    if (backlog.kind(index) === RUNNER_RESULT) {
      const names = runnerNames(bytes, backlog, index);
      this.name = names.name;
      this.collection = names.collection;
      this.durationMs = null;
    } else {
      this.name = this.#page.slice(bytes, backlog.name(index), backlog.nameEnd(index));
      this.collection = null;
      this.durationMs = rest < 0 ? null : rest;
    }
  }

  /** Forgets the bytes. */
  clear(): void {
    this.#page.clear();
  }
}

/** The names in a RUNNER_RESULT or HEADER, strings of their own since a level keeps them. */
export function runnerNames(
  bytes: Buffer,
  backlog: Backlog,
  index: number,
): { collection: string; name: string } {
  const start = backlog.name(index);
  return {
    collection: bytes.toString('latin1', backlog.rest(index), start - ': '.length),
    name: bytes.toString('latin1', start, backlog.nameEnd(index)),
  };
}
