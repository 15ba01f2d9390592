// SPDX-License-Identifier: GPL-2.0-only
import { isBad, type Outcome } from '../words.ts';
import type { Diagnostic, TestResult } from './format.ts';
import { NO_METADATA, NOTHING_UNNAMED, type Report } from './report.ts';

const NO_DIAGNOSTICS: Diagnostic[] = [];

/** A result of which no more is known than this. */
export function newResult(name: string, outcome: Outcome, line: number): TestResult {
  return {
    name,
    collection: null,
    number: null,
    outcome,
    durationMs: null,
    exitCode: null,
    markedFlaky: false,
    reason: '',
    line,
    lastLine: line,
    unnamed: NOTHING_UNNAMED,
    metadata: NO_METADATA,
    diagnostics: NO_DIAGNOSTICS,
  };
}

/** A result that contradicts a parent that says that all is well. */
export interface BadChild {
  name: string;
  outcome: Outcome;
}

/** The worse of two: one that did not merely pass against expectation, then the first. */
export function worseChild(one: BadChild | null, other: BadChild | null): BadChild | null {
  if (other === null || !isBad(other.outcome)) return one;
  return one === null || (one.outcome === 'xpass' && other.outcome !== 'xpass') ? other : one;
}

/** A parent that says `pass` or `skip` although a subtest is bad: the worse one counts, and it is noted. */
export function judgeParent(outcome: Outcome, bad: BadChild | null, line: number, report: Report): Outcome {
  if (bad === null || (outcome !== 'pass' && outcome !== 'skip')) return outcome;
  report.problem(
    line,
    `${outcome === 'pass' ? 'passed' : 'skipped'} although its subtest did not: ${bad.name}`,
  );
  return bad.outcome === 'xpass' ? 'xpass' : 'fail';
}
