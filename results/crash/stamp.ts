// SPDX-License-Identifier: GPL-2.0-only
import { stripTerminal } from '../formats/strip.ts';

/** One line of a console, with what printk and the loggers put before it taken off. */
export interface ConsoleLine {
  /** 1-based. */
  line: number;
  text: string;
  /** The kernel printed it: a stamp of printk or the name `kernel:` of a logger stands before it. */
  stamped: boolean;
  /** Of `[   12.345678]`, with its microseconds; null for other stamps and for none. */
  timeMs: number | null;
  /** `T123` or `C0` (CONFIG_PRINTK_CALLER): who printed it; null where it is not told. */
  caller: string | null;
}

/**
 * One stamp: `<3>`, `[   12.345678] `, `[  +0.005254] `, `[  T123] `, `[Sun Nov 22 10:11:12 2026] ` (dmesg -T),
 * `2026-11-22T10:11:12,345678+00:00 ` (iso), `Nov 22 13:00:00 host kernel: ` (syslog), `kernel: `.
 * No-break spaces pad as spaces do. One space behind a stamp belongs to it: what is more is the text's own.
 */
const stamp =
  /^(?:<\d{1,3}>|\[[ \u00a0]{0,9}(\+?)(\d{1,12}\.\d{1,9})\] ?|\[[ \u00a0]{0,9}([TC]\d{1,10})\] ?|\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\] ?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[,.]\d{1,9}(?:Z|[+-]\d\d:?\d\d)? ?|(?:\w{3} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,64} |[\w.-]{1,64} )?kernel: ?)/;

/** A stamp behind other text: the kernel and a program share the wire, and the program's line was not ended. */
const inner = /\[[ \u00a0]{0,9}\d{1,7}\.\d{6}\](?:\[[ \u00a0]{0,9}[TC]\d{1,10}\])? /g;

/** At most four stamps are taken off: logs that went through two loggers carry two. */
const maxStamps = 4;

/** Reads `raw`, the decoded bytes of a line. */
export function readLine(raw: string, line: number): ConsoleLine {
  const read: ConsoleLine = { line, text: stripTerminal(raw), stamped: false, timeMs: null, caller: null };
  takeStamps(read);
  const rest = behindInnerStamp(read.text);
  if (rest !== null) {
    read.text = rest;
    takeStamps(read);
  }
  return read;
}

function takeStamps(read: ConsoleLine): void {
  for (let round = 0; round < maxStamps; round++) {
    const match = stamp.exec(read.text);
    if (match === null) return;
    read.text = read.text.slice(match[0].length);
    read.stamped = true;
    if (match[2] !== undefined)
      read.timeMs = match[1] === '+' ? null : Math.round(Number(match[2]) * 1e6) / 1e3;
    if (match[3] !== undefined) read.caller = match[3];
  }
}

/** From the last stamp inside of the text on; null where there is none. */
function behindInnerStamp(text: string): string | null {
  if (!text.includes('] ')) return null;
  let last = -1;
  for (const match of text.matchAll(inner)) last = match.index;
  return last <= 0 ? null : text.slice(last);
}
