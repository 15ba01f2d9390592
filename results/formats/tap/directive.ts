// SPDX-License-Identifier: GPL-2.0-only

export type DirectiveWord = 'skip' | 'todo' | 'xfail' | 'xpass' | 'timeout' | 'error' | 'ignore';

/** What stands behind the description of a result line. */
export interface Directive {
  word: DirectiveWord | null;
  durationMs: number | null;
  exitCode: number | null;
  /** The rest, trimmed. */
  reason: string;
}

/**
 * Where the directive starts: ` # ` and a word that is known, or a value that is known to stand there, or two
 * spaces (`ksft_test_result_code()` in tools/testing/selftests/kselftest.h prints ` #  text` for a result
 * with a message and no directive). Any other `#` is part of the name: test names do contain it, although
 * ktap.rst forbids it. `\#` is an escaped one (TAP 13, TAP 14).
 */
const start =
  /#(?:[ \t]+(?=(?:skip(?:ped)?|todo|xfail|xpass|timeout|error|ignore)(?!\w)|(?:time|exit|rcode)=)|[ \t]{2,}(?=\S))/iy;

/** Splits ` description # DIRECTIVE data` in two; `data` is null where there is no directive. */
export function splitDescription(text: string): { description: string; data: string | null } {
  for (let at = text.indexOf('#'); at >= 0; at = text.indexOf('#', at + 1)) {
    if (at > 0 && !isBlank(text.charCodeAt(at - 1))) continue;
    start.lastIndex = at;
    if (!start.test(text)) continue;
    return { description: text.slice(0, at).trim(), data: text.slice(start.lastIndex).trim() };
  }
  return { description: text.trim(), data: null };
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

const word = /^(skip(?:ped)?|todo|xfail|xpass|timeout|error|ignore)(?!\w)[:,]?[ \t]*/i;

/**
 * Reads `[word] [reason] [time=46ms] [exit=1]`.
 *
 * Words: ktap.rst; XPASS and the lower-case `error` from kselftest.h; `IGNORE Flaky`, `time=` and the
 * lower-case `timeout` from tools/testing/selftests/net/mptcp/{mptcp_lib.sh,diag.sh}; `exit=` from
 * kselftest/runner.sh. mptcp_lib.sh puts no second `#` in front of `time=` where there is one already.
 */
export function parseDirective(data: string): Directive {
  const found = word.exec(data);
  const directive: Directive = { word: null, durationMs: null, exitCode: null, reason: data };
  if (found !== null) {
    const lower = found[1]!.toLowerCase();
    directive.word = lower === 'skipped' ? 'skip' : (lower as DirectiveWord);
    directive.reason = data.slice(found[0].length);
  }
  takeValues(directive);
  return directive;
}

const value = /^(time|exit)=(\d{1,12}(?:\.\d{1,9})?)(ms|s|us)?$/;
/** The ` # ` before a value. */
const mark = /(?:^|[ \t])#[ \t]*$/;

const unitMs = { us: 0.001, ms: 1, s: 1000 };

/** Takes the values off the end; four at most, since each round looks at the whole text. */
function takeValues(directive: Directive): void {
  for (let round = 0; round < 4 && directive.reason.includes('='); round++) {
    const { reason } = directive;
    let from = reason.length;
    while (from > 0 && !isBlank(reason.charCodeAt(from - 1))) from--;
    const match = value.exec(from === 0 ? reason : reason.slice(from));
    if (match === null) return;
    const number = Number(match[2]);
    if (match[1] === 'exit') directive.exitCode = number;
    else directive.durationMs = number * unitMs[(match[3] ?? 'ms') as keyof typeof unitMs];
    directive.reason = from === 0 ? '' : reason.slice(0, from).replace(mark, '').trim();
  }
}
