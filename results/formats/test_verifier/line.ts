// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../../words.ts';

/** `#12/p `, and what stands behind it on the line. */
export interface VerifierHeader {
  number: number;
  /** `#12/u`: without privileges. */
  unprivileged: boolean;
  rest: string;
}

export function parseVerifierHeader(text: string): VerifierHeader | null {
  const match = /^#(\d{1,9})\/([pu]) (.*)$/.exec(text);
  return match === null
    ? null
    : { number: Number(match[1]), unprivileged: match[2] === 'u', rest: match[3]! };
}

export interface VerifierResult {
  description: string;
  outcome: Outcome;
  reason: string;
}

/** What do_test_single() prints between the description and the word. */
const remark =
  /^(.*?)[ ]?(?:\d+ cases|Did not run the program \(not supported\)|Did not run the program \(no permission\))$/;

/**
 * Splits `DESCRIPTION OK`, `DESCRIPTION SKIP (why)`, `DESCRIPTION FAIL retval 1 != 0 ` (do_test_single() in
 * tools/testing/selftests/bpf/test_verifier.c); null where no word has come yet.
 */
export function parseVerifierResult(text: string): VerifierResult | null {
  const failed = /(?:^| )FAIL(?:$|:? )/.exec(text);
  if (failed !== null) {
    const reason = text.slice(failed.index + failed[0].length).trim();
    return { description: plain(text.slice(0, failed.index)), outcome: 'fail', reason };
  }
  const match = /(?:^| )(OK|SKIP)(?: \(([^()]*)\))?$/.exec(text.trimEnd());
  if (match === null) return null;
  const outcome = match[1] === 'OK' ? 'pass' : 'skip';
  return { description: plain(text.slice(0, match.index)), outcome, reason: match[2] ?? '' };
}

/** The description without the remarks behind it; three at most stand there. */
function plain(text: string): string {
  let rest = text.trim();
  for (let round = 0; round < 3; round++) {
    const match = remark.exec(rest);
    if (match === null) break;
    rest = match[1]!.trim();
  }
  return rest;
}

/** `Summary: 526 PASSED, 264 SKIPPED, 0 FAILED`: in that order. */
export function parseVerifierSummary(text: string): [number, number, number] | null {
  const match = /^Summary: (\d{1,9}) PASSED, (\d{1,9}) SKIPPED, (\d{1,9}) FAILED$/.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3])];
}
