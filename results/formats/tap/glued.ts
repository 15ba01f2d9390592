// SPDX-License-Identifier: GPL-2.0-only
import { parseResultLine, type ResultLine } from './result-line.ts';

export interface Glued {
  result: ResultLine;
  /** The word is `not ok`: nothing in front of it can turn it into something else. */
  failed: boolean;
  /** What is in front may have been the `not ` of a `not ok`. */
  torn: boolean;
}

const runnerResult = /(not ok|ok) \d{1,9} selftests: \S+: \S+(?: # .*)?$/;

/**
 * A result of kselftest/runner.sh behind other text: a test whose last output lacks its newline
 * (`last wordsok 1 selftests: net: x.sh`). Only the runner's lines are known well enough to be looked for;
 * whether the find is good enough to be a result is the parser's to say.
 */
export function findGlued(content: string): Glued | null {
  if (!content.includes('ok ') || !content.includes(' selftests: ')) return null;
  const match = runnerResult.exec(content);
  if (match === null || match.index === 0) return null;
  const result = parseResultLine(match[0]);
  if (result === null) return null;
  return { result, failed: match[1] === 'not ok', torn: content.slice(0, match.index).endsWith('t ') };
}

const plainResult = /(?:^|[^\w])(?:not )?ok \d{1,9} (?:- |# )/;

/** Whether a result that nobody can vouch for seems to hide in the line. */
export function looksGlued(content: string): boolean {
  return content.includes('ok ') && plainResult.test(content);
}
