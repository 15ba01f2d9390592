// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from './words.ts';

/**
 * One glyph per outcome, the same in the terminal and on the pages, so that nothing hangs on colour alone. All of
 * them are in DejaVu Sans Mono, which is what a bare Linux machine has; an hourglass or a stop-watch is not.
 */
export const glyphs: Record<Outcome, string> = {
  pass: '✓',
  fail: '✗',
  skip: '↷',
  xfail: 'x',
  xpass: 'X',
  timeout: '◷',
  crash: '☠',
  missing: '∅',
  error: '!',
};
