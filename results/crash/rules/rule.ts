// SPDX-License-Identifier: GPL-2.0-only
import type { Evidence } from '../evidence.ts';
import { guiltyFunction } from '../guilty.ts';
import type { CrashKind } from '../kinds.ts';

/** A title in parts, so that what is the same in all builds can be told from what is not. */
export interface Title {
  /** `KASAN: slab-use-after-free Read`. */
  what: string;
  /** The functions of ` in foo`; absent where the title names none, null where it should and none was found. */
  where?: string | readonly string[] | null;
  /** What stands between several functions. */
  joint?: string;
  /** Where the body of the report says that it is of another kind than its first line. */
  kind?: CrashKind;
  /** The title comes from the first line alone, because the stack was not there. */
  guessed?: boolean;
}

/** How one sort of report begins, and what it is called. A new sort is one more of these in a list. */
export interface Rule {
  kind: CrashKind;
  /** What the line starts with, letter for letter, at least four characters each: the quick test looks for these. */
  starts: readonly string[];
  /** The whole beginning; anchored, so that it fails at once on other lines. */
  begins: RegExp;
  title: (evidence: Evidence) => Title;
  /** Reports of these kinds that follow before a stack was complete are of the same fault: they are not new. */
  absorbs?: readonly CrashKind[];
  /** They may also follow its stack. */
  absorbsLate?: true;
  /** Lines that do not look like a report's and may still stand inside of it, where they are many. */
  patience?: number;
  /** Only where a stack trace proves that the kernel said it. */
  doubtful?: true;
  /** Only a few lines behind a `cut here`. */
  afterCut?: true;
  /** The line is all there is. */
  single?: true;
  /** Other CPUs take part: their lines belong to it too. */
  manyCpus?: true;
}

/** `what in FUNCTION`, the function by the stacks; `skip` is what else to pass over. */
export function byStack(what: string | ((match: RegExpExecArray) => string), skip?: RegExp) {
  return (evidence: Evidence): Title => ({
    what: typeof what === 'string' ? what : what(evidence.match),
    where: guiltyFunction(evidence, skip),
  });
}

/** A title without a function. */
export function plain(what: string | ((match: RegExpExecArray) => string)) {
  return ({ match }: Evidence): Title => ({ what: typeof what === 'string' ? what : what(match) });
}

/** Numbers and addresses differ from run to run. */
export function withoutNumbers(text: string): string {
  return text.replace(/\b(?:0x[0-9a-fA-F]+|[0-9a-fA-F]{12,16})\b/g, 'ADDR').replace(/\d+/g, 'NUM');
}
