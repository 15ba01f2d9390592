// SPDX-License-Identifier: GPL-2.0-only
import { type Outcome, outcomes } from '../words.ts';
import type { LogKind, RunState } from './types.ts';

// The index in each list is the number that the database keeps: append, never reorder.
const runStates = ['running', 'complete', 'incomplete', 'error'] as const satisfies readonly RunState[];
const logKinds = [
  'output',
  'stderr',
  'console',
  'diagnosis',
  'hooks',
  'decoded',
] as const satisfies readonly LogKind[];

function encode<Word extends string>(words: readonly Word[], word: Word): number {
  const code = words.indexOf(word);
  if (code < 0) throw new TypeError(`'${word}' is none of ${words.join(', ')}`);
  return code;
}

function decode<Word extends string>(words: readonly Word[], code: number): Word {
  const word = words[code];
  if (word === undefined) throw new RangeError(`${code} stands for none of ${words.join(', ')}`);
  return word;
}

export const outcomeCode = (outcome: Outcome): number => encode(outcomes, outcome);
export const outcomeOf = (code: number): Outcome => decode(outcomes, code);
export const stateCode = (state: RunState): number => encode<RunState>(runStates, state);
export const stateOf = (code: number): RunState => decode<RunState>(runStates, code);
export const kindCode = (kind: LogKind): number => encode<LogKind>(logKinds, kind);
export const kindOf = (code: number): LogKind => decode<LogKind>(logKinds, code);
