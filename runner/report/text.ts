// SPDX-License-Identifier: GPL-2.0-only
import { type Counts, outcomes } from '../../results/words.ts';

/** `22 pass, 1 fail`: what there is, in the order of the words. */
export function countsLine(counts: Counts): string {
  const parts = outcomes
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${outcome}`);
  return parts.join(', ') || 'nothing';
}

/** `42.1 s`, `153 ms`. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** What a guest printed, made safe for a terminal: no escape sequences, no control characters. */
export function printable(text: string): string {
  return text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '').replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '�');
}
