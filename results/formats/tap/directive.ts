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
  /(?:^|[ \t])#(?:[ \t]+(?=(?:skip(?:ped)?|todo|xfail|xpass|timeout|error|ignore)(?!\w)|(?:time|exit|rcode)=)|[ \t]{2,}(?=\S))/i;

/** Splits ` description # DIRECTIVE data` in two; `data` is null where there is no directive. */
export function splitDescription(text: string): { description: string; data: string | null } {
  const match = text.includes('#') ? start.exec(text) : null;
  if (match === null) return { description: text.trim(), data: null };
  return {
    description: text.slice(0, match.index).trim(),
    data: text.slice(match.index + match[0].length).trim(),
  };
}

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

const lastValue = /(?:^|[ \t])(?:#[ \t]+)?(time|exit)=(\d{1,12}(?:\.\d{1,9})?)(ms|s|us)?$/;

const unitMs = { us: 0.001, ms: 1, s: 1000 };

/** Takes the values off the end; four at most, since each round looks at the whole text. */
function takeValues(directive: Directive): void {
  for (let round = 0; round < 4 && directive.reason.includes('='); round++) {
    const match = lastValue.exec(directive.reason);
    if (match === null) return;
    const value = Number(match[2]);
    if (match[1] === 'exit') directive.exitCode = value;
    else directive.durationMs = value * unitMs[(match[3] ?? 'ms') as keyof typeof unitMs];
    directive.reason = directive.reason.slice(0, match.index).trim();
  }
}
