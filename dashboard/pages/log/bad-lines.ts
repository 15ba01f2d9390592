// SPDX-License-Identifier: GPL-2.0-only
import { isBad, type Outcome } from '../../../results/words.ts';
import { classify } from '../../show/classify.ts';
import { sliceLines } from '../../show/lines.ts';
import { stripAnsi } from '../../show/visible.ts';

export interface BadLine {
  number: number;
  outcome: Outcome;
}

// Looked through at every visit: a longer log takes longer than one waits for a page.
const maxBytes = 4_000_000;
const maxLines = 100_000;
const mostLines = 60;

/** Where a log's failures are, so that nobody has to page for them. */
export function badLines(content: Uint8Array): BadLine[] | null {
  if (content.length > maxBytes) return null;
  let newlines = 0;
  for (const byte of content) if (byte === 0x0a && ++newlines > maxLines) return null;
  const found: BadLine[] = [];
  for (const { number, text } of sliceLines(content, 1, Number.POSITIVE_INFINITY).lines) {
    const outcome = classify(stripAnsi(text));
    if (outcome !== null && isBad(outcome)) found.push({ number, outcome });
    if (found.length === mostLines) break;
  }
  return found;
}
