// SPDX-License-Identifier: GPL-2.0-only
import { leaks } from './leaks.ts';
import { lockdep } from './lockdep.ts';
import { lockups } from './lockups.ts';
import { memory } from './memory.ts';
import { notes } from './notes.ts';
import { oopses } from './oopses.ts';
import { panics } from './panics.ts';
import type { Rule } from './rule.ts';
import { sanitizers } from './sanitizers.ts';
import { scheduling } from './scheduling.ts';
import { warnings } from './warnings.ts';

/** Every sort of report; where two fit a line, the first is taken. */
export const rules: readonly Rule[] = [
  ...sanitizers,
  ...lockdep,
  ...lockups,
  ...scheduling,
  ...memory,
  ...leaks,
  ...oopses,
  ...panics,
  ...notes,
  ...warnings,
];
