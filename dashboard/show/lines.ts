// SPDX-License-Identifier: GPL-2.0-only

const newline = 0x0a;
const decoder = new TextDecoder();

/** A longer line is cut on the page (not in the raw log): 50 MB without a newline must not reach a browser. */
const maxLineBytes = 4000;

export interface LogLine {
  /** 1-based. */
  number: number;
  text: string;
  /** Bytes that were cut off its end. */
  cutBytes: number;
}

export interface LogSlice {
  /** Lines of the whole log; a last line without newline counts. */
  total: number;
  lines: LogLine[];
}

/** Some lines of a log, decoding no more than them. Invalid UTF-8 becomes U+FFFD; a CR before the newline is dropped. */
export function sliceLines(content: Uint8Array, from: number, count: number): LogSlice {
  const lines: LogLine[] = [];
  let total = 0;
  let start = 0;
  const take = (end: number) => {
    total++;
    if (total >= from && total < from + count) lines.push(lineOf(content, start, end, total));
    start = end + 1;
  };
  // Byte by byte: indexOf for each line takes seconds for a log of nothing but newlines.
  for (let at = 0; at < content.length; at++) if (content[at] === newline) take(at);
  if (start < content.length) take(content.length);
  return { total, lines };
}

function lineOf(content: Uint8Array, start: number, end: number, number: number): LogLine {
  const shown = Math.min(end, start + maxLineBytes);
  const text = decoder.decode(content.subarray(start, shown)).replace(/\r+$/, '');
  return { number, text, cutBytes: end - shown };
}
