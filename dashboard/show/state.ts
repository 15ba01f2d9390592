// SPDX-License-Identifier: GPL-2.0-only
import { glyphs } from '../../results/glyphs.ts';
import type { RunSummary } from '../../results/store/types.ts';
import type { Counts } from '../../results/words.ts';
import { countBad } from './outcome.ts';

export interface RunStanding {
  /** The class and the word: colour, glyph and text always go together. */
  kind: 'running' | 'failing' | 'passed' | 'skipped' | 'failed' | 'incomplete' | 'error';
  glyph: string;
  word: string;
}

/** What a run came to, in one word: its state, and for a complete one whether anything in it was bad, or all was skipped. */
export function standing(run: RunSummary): RunStanding {
  const bad = countBad(run.tests) > 0 || countBad(run.subtests) > 0;
  if (run.state === 'running' && bad) return { kind: 'failing', glyph: '▶', word: 'running, failing' };
  if (run.state === 'running') return { kind: 'running', glyph: '▶', word: 'running' };
  if (run.state === 'incomplete') return { kind: 'incomplete', glyph: '◌', word: 'incomplete' };
  if (run.state === 'error') return { kind: 'error', glyph: '!', word: 'error' };
  if (bad) return { kind: 'failed', glyph: '✗', word: 'failed' };
  return run.tests.skip > 0 && run.tests.skip === allOf(run.tests)
    ? { kind: 'skipped', glyph: glyphs.skip, word: 'skipped' }
    : { kind: 'passed', glyph: '✓', word: 'passed' };
}

function allOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** How long a run that is over took; null for one of a source that only tells when it was: it ends as it begins. */
export function took({ startedAt, finishedAt }: RunSummary): number | null {
  return finishedAt === null || finishedAt === startedAt ? null : finishedAt - startedAt;
}
