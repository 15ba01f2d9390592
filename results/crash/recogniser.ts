// SPDX-License-Identifier: GPL-2.0-only
import { Assembler } from './assembler.ts';
import { Hint } from './hint.ts';
import type { CrashReport } from './report.ts';
import { rules } from './rules/index.ts';
import { LineScanner } from './scan.ts';
import { readLine } from './stamp.ts';

/** A streaming recogniser of one console: fed with chunks cut anywhere, linear time, bounded memory, never throws. */
export interface CrashRecogniser {
  /** The reports that this chunk completed. */
  push(chunk: Uint8Array): CrashReport[];
  /** The input is over: the reports that were still open. */
  end(): CrashReport[];
  /** The reports that have begun and may go on, as far as they are known: their titles may still change. */
  readonly pending: CrashReport[];
}

/** What announces a report without being one. */
const leads = ['------------[ cut here', '=====', '8<--- cut here'];
const hint = new Hint([...leads, ...rules.flatMap(({ starts }) => starts)]);

export function crashRecogniser(): CrashRecogniser {
  const assembler = new Assembler();
  const scanner = new LineScanner((bytes, start, end, line) => {
    if (assembler.idle && !hint.mayBegin(bytes, start, end)) return;
    assembler.read(readLine(bytes.toString('utf8', start, end), line));
  });
  return {
    push(chunk) {
      scanner.push(chunk);
      return assembler.take();
    },
    end() {
      scanner.end();
      assembler.end();
      return assembler.take();
    },
    get pending() {
      return assembler.pending();
    },
  };
}

/** All reports of a log that is there as a whole, in the order of their first lines. */
export function recogniseAll(bytes: Uint8Array): CrashReport[] {
  const recogniser = crashRecogniser();
  return [...recogniser.push(bytes), ...recogniser.end()].sort((one, other) => one.line - other.line);
}
