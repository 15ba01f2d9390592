// SPDX-License-Identifier: GPL-2.0-only
import { maxLines, program, sharedBytes, windowBytes } from './memory.ts';

const lineEnds = program<{ lineEnds(length: number, max: number): number }>(
  ['line-ends.wat'],
  import.meta.url,
);

/**
 * Finds the ends of lines in `bytes` from `from` on, where a line begins, and which of them hold more than printable
 * ASCII and tabs: how many there are, at most `maxLines` and within `windowBytes`. They are left in `sharedEnds`, from
 * `from` on; `~end` (below zero) ends a line that is not plain.
 */
export function findLineEnds(bytes: Uint8Array, from: number): number {
  const length = Math.min(windowBytes, bytes.length - from);
  sharedBytes.set(from === 0 && length === bytes.length ? bytes : bytes.subarray(from, from + length));
  return lineEnds().lineEnds(length, maxLines);
}
