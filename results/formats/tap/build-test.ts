// SPDX-License-Identifier: GPL-2.0-only
import { isBad } from '../../words.ts';
import type { Diagnostic, ParsedTest } from '../format.ts';
import type { Level } from './level.ts';
import type { Nesting } from './nesting.ts';
import type { NumberedBlocks } from './numbered.ts';
import type { Report } from './report.ts';
import type { ResultLine } from './result-line.ts';
import { LineWindow } from './window.ts';

interface Context {
  report: Report;
  nesting: Nesting;
  numbered: NumberedBlocks;
}

/** A result with everything that was printed for it: `children` are the levels that it ends, `level` is its own. */
export function buildTest(
  result: ResultLine,
  line: number,
  level: Level,
  children: Level[],
  { report, nesting, numbered }: Context,
): ParsedTest {
  const { certain: _certain, doubt: _doubt, ...printed } = result;
  const test: ParsedTest = { ...printed, line, subtests: [], diagnostics: [] };
  for (const child of children) {
    if (wasRenamed(child, result)) nesting.adopt(child, level, line);
    else for (const subtest of child.tests) test.subtests.push(subtest);
    if (test.outcome === 'skip' && test.reason === '') test.reason = child.skip ?? '';
  }
  if (test.outcome === 'pass') {
    const bad = test.subtests.find(({ outcome }) => isBad(outcome));
    if (bad) report.problem(line, `passed although its subtest did not: ${bad.name}`);
  } else test.diagnostics = explain(test, level, children, numbered);
  return test;
}

/** The runner names a test before and after: another name behind means that a result line was lost. */
function wasRenamed({ title }: Level, result: ResultLine): boolean {
  if (title === null || title.collection === null || result.collection === null) return false;
  return title.name !== result.name || title.collection !== result.collection;
}

const markOf = { fail: 'FAIL', timeout: 'FAIL', xfail: 'IGNO', skip: 'SKIP' } as const;

/** What mptcp_lib.sh said about that number, else the lines before the result and around its subtests. */
function explain(test: ParsedTest, level: Level, children: Level[], numbered: NumberedBlocks): Diagnostic[] {
  const mark = markOf[test.outcome as keyof typeof markOf];
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
