// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../../words.ts';
import type { DirectiveWord } from './directive.ts';

/**
 * What a result came to, where word (`ok`, `not ok`) and directive say different things.
 *
 * - SKIP: a skip with both words (ktap.rst says so).
 * - XFAIL: an expected failure with both. kselftest.h's `ksft_test_result_xfail()` prints `ok N # XFAIL …` and
 *   counts it as neither pass nor unexpected; an unexpected pass is `ok N # XPASS …`.
 * - TODO is TAP's: `not ok # TODO` failed as expected, `ok # TODO` passed unexpectedly (TAP 13, 14).
 * - IGNORE: mptcp_lib.sh's `mptcp_lib_result_fail()` prints `ok … # IGNORE Flaky` for a subtest that *failed*
 *   and is known to be flaky; its comment says that `not ok # TODO` would be the right word. A pass
 *   in the history would hide the flake, so: expected failure.
 * - ERROR: of the test itself (kselftest.h: "how does error differ from fail?"), thus a failure. Our own word
 *   `error` means that *our* infrastructure broke and is never held against a kernel.
 * - TIMEOUT and anything unknown: the word counts (ktap.rst).
 */
export function outcomeOf(ok: boolean, word: DirectiveWord | null): Outcome {
  if (word === 'skip') return 'skip';
  if (word === 'xfail' || word === 'ignore') return 'xfail';
  if (word === 'xpass') return 'xpass';
  if (word === 'todo') return ok ? 'xpass' : 'xfail';
  if (ok) return 'pass';
  return word === 'timeout' ? 'timeout' : 'fail';
}

/** Whether word and directive contradict each other, so that somebody should look. */
export function contradicts(ok: boolean, word: DirectiveWord | null): boolean {
  return ok ? word === 'timeout' || word === 'error' : word === 'xpass' || word === 'ignore';
}
