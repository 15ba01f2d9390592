// SPDX-License-Identifier: GPL-2.0-only
import { type Frame, parseFrame, parsePointer } from './frames.ts';

/** One stack as it was printed, with the line of text that stood before it. */
export interface Stack {
  /** `Call Trace:`, `Allocated by task 12:`, `-> #1 (&lock){+.+.}-{3:3}:`; empty where nothing stood before. */
  heading: string;
  frames: Frame[];
}

/** What a rule finds its title in. */
export interface Evidence {
  /** The match of the rule on the line that it begins with. */
  match: RegExpExecArray;
  /** All lines of the report without stamps; the matched one is `lines[head]`. */
  lines: readonly string[];
  head: number;
  stacks: readonly Stack[];
}

/** Lines that a new stack stands behind. Other lines between frames are registers, or strangers. */
const headingLine = /:[ \t]*$|^[ \t]*(?:NMI backtrace for|task:|INFO: task|\[<)/;
/** Headings behind which a stack goes on that the registers' pointer began. */
const callTrace = /^[ \t]*(?:Call [Tt]race|Stack|Backtrace|Call Backtrace|stack backtrace)\b/;

/** The stacks of a report, in the order of the lines. */
export function findStacks(lines: readonly string[]): Stack[] {
  const stacks: Stack[] = [];
  let open: Stack | null = null;
  let onlyPointer = false;
  let heading = '';
  for (const text of lines) {
    const pointer = parsePointer(text);
    const frame = pointer === 'user' ? null : (pointer ?? parseFrame(text));
    if (frame !== null) {
      if (open === null) {
        open = { heading, frames: [] };
        stacks.push(open);
        onlyPointer = pointer !== null;
      } else if (pointer === null) onlyPointer = false;
      open.frames.push(frame);
    } else if (pointer === 'user') open = null;
    else if (headingLine.test(text) || callTrace.test(text)) {
      if (!callTrace.test(text) || !onlyPointer) open = null;
      heading = text;
    }
  }
  return stacks;
}

/** The frames that can be trusted to have been called, innermost first. */
export function calledFrames(stack: Stack | undefined): string[] {
  if (stack === undefined) return [];
  const names = stack.frames
    .filter(({ unreliable, inlined }) => !unreliable && !inlined)
    .map(({ name }) => name);
  // The registers' pointer and the first line of the trace may be the same frame.
  return names.filter((name, index) => name !== names[index - 1]);
}
