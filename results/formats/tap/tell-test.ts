// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../../words.ts';
import type { Diagnostic, TestResult } from '../format.ts';
import { type BadChild, judgeParent, worseChild } from '../new-result.ts';
import { NO_METADATA, NOTHING_UNNAMED, type Report, withMissing } from '../report.ts';
import { LineWindow } from '../window.ts';
import type { Level } from './level.ts';
import type { Nesting } from './nesting.ts';
import type { NumberedBlocks } from './numbered.ts';
import type { ResultLine } from './result-line.ts';

/** What a result is told to, and what may explain it. */
export interface Context {
  report: Report;
  nesting: Nesting;
  numbered: NumberedBlocks;
}

const NO_DIAGNOSTICS: Diagnostic[] = [];

/**
 * Tells a result with everything that was printed for it: `children` are the levels that it ends, outermost first,
 * `level` is its own.
 */
export function tellTest(
  result: ResultLine,
  line: number,
  level: Level,
  children: Level[],
  { report, nesting, numbered }: Context,
): void {
  let nested = 0;
  let bad: BadChild | null = null;
  let unnamed = NOTHING_UNNAMED;
  let { outcome, reason } = result;
  for (const child of children) {
    // Told before it, so that nothing inside comes in between; deeper results are its own whatever they are called.
    if (nested === 0 && wasRenamed(child, result)) nesting.adopt(child, level, line);
    else {
      nested += child.held;
      bad = worseChild(bad, child.bad);
      unnamed = withMissing(unnamed, child.missing);
    }
    if (outcome === 'skip' && reason === '') reason = child.skip ?? '';
  }
  outcome = judgeParent(outcome, bad, line, report);
  const test: TestResult = {
    name: result.name,
    collection: result.collection,
    number: result.number,
    outcome,
    durationMs: result.durationMs,
    exitCode: result.exitCode,
    markedFlaky: result.markedFlaky,
    reason,
    line,
    lastLine: line,
    unnamed,
    metadata: metadataOf(level, children),
    diagnostics: NO_DIAGNOSTICS,
  };
  if (outcome !== 'pass') test.diagnostics = explain(test, level, children, numbered);
  report.result(test, nested, nesting.depth);
  level.hold(1, test);
}

function metadataOf(level: Level, children: readonly Level[]): Readonly<Record<string, string>> {
  const own = level.metadata;
  level.metadata = null;
  if (children.length === 0) return own ?? NO_METADATA;
  const all = [...children.map((child) => child.parentMetadata), own];
  return all.every((one) => one === null) ? NO_METADATA : Object.assign({}, ...all);
}

/** The runner names a test before and after: another name behind means that a result line was lost. */
function wasRenamed({ title }: Level, result: ResultLine): boolean {
  if (title === null || title.collection === null || result.collection === null) return false;
  return title.name !== result.name || title.collection !== result.collection;
}

const markOf: Partial<Record<Outcome, 'FAIL' | 'IGNO' | 'SKIP'>> = {
  fail: 'FAIL',
  timeout: 'FAIL',
  xfail: 'IGNO',
  skip: 'SKIP',
};

/** What mptcp_lib.sh said about that number, else the lines before the result and around its subtests. */
function explain(test: TestResult, level: Level, children: Level[], numbered: NumberedBlocks): Diagnostic[] {
  const mark = markOf[test.outcome];
  if (children.length === 0 && test.number !== null && mark !== undefined) {
    const lines = numbered.take(test.number, mark);
    if (lines.length > 0) return lines;
  }
  const window = new LineWindow();
  window.absorb(level.since);
  for (const child of children) {
    window.absorb(child.before);
    window.absorb(child.since);
  }
  return window.lines();
}
