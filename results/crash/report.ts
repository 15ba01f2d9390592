// SPDX-License-Identifier: GPL-2.0-only
import type { CrashKind } from './kinds.ts';

/** One report of the kernel about a fault of its own. */
export interface CrashReport {
  kind: CrashKind;
  /** As syzkaller words it: `KASAN: slab-use-after-free Read in tcp_foo`, `WARNING in bar`. */
  title: string;
  /** The top meaningful functions, innermost first, at most `maxFrames`, without compiler suffixes. */
  frames: string[];
  /** 16 hexadecimal digits that stay the same when the same fault is met again: see `signature.ts`. */
  signature: string;
  /** The kernel does not go on after it: it is a panic, or a panic that names it as its cause followed. */
  fatal: boolean;
  /** The words of the panic that followed (`panic_on_warn set ...`); null where none did. */
  panic: string | null;
  /** 1-based numbers of the first and the last line that belong to the report. */
  line: number;
  lastLine: number;
  /** printk's stamp on the first line, since the boot; null where there is none, or only a difference. */
  kernelTimeMs: number | null;
  cpu: number | null;
  /** Name and number of the task that was running, or, for a hung task, of the one that hangs. */
  comm: string | null;
  pid: number | null;
  /** `G        W  O` of `Tainted: G        W  O`, single spaces; null where it was not tainted, or not said. */
  taint: string | null;
  /** Cut, or mixed with another report: the title or the trace cannot be trusted. */
  corrupt: boolean;
  /** The lines of the report without stamps, bounded by `maxTextLines` and `maxTextCharacters`. */
  text: string;
}

export const maxFrames = 8;
/** Real reports stay below: lockdep's longest have 300 lines, a used-up stack decoded 1,200. */
export const maxTextLines = 1500;
export const maxTextCharacters = 128 * 1024;
