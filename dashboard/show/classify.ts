// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../../results/words.ts';

/** `#` and blanks in front of a nested result line. */
const nesting = String.raw`^[#\s]*`;
const notOk = new RegExp(`${nesting}not ok\\b`);
const ok = new RegExp(`${nesting}ok\\b`);
const skipDirective = /#\s*SKIP\b/i;
const todoDirective = /#\s*(?:TODO|XFAIL)\b/i;
const timeoutDirective = /#\s*TIMEOUT\b/i;
/** What mptcp_lib.sh and many shell tests print behind a check: `[ OK ]`, `[FAIL] expected …`. */
const verdict = /\[\s?(OK|PASS|FAIL|SKIP|XFAIL|TIMEOUT)\s?\]/;
const verdicts: Record<string, Outcome> = {
  OK: 'pass',
  PASS: 'pass',
  FAIL: 'fail',
  SKIP: 'skip',
  XFAIL: 'xfail',
  TIMEOUT: 'timeout',
};
/** Heads of kernel reports. What a crash is, results/crash decides; this only catches the eye. */
const kernelReport =
  /\b(?:BUG: |WARNING: (?:CPU|possible|at )|Kernel panic|Oops: |general protection fault|UBSAN: |INFO: task .* blocked for|rcu: INFO: |Unable to handle kernel|watchdog: BUG)/;

/** What a line of a log tells about a result; null for every other line. Colours only, never counts. */
export function classify(line: string): Outcome | null {
  if (notOk.test(line)) return directive(line) ?? 'fail';
  if (ok.test(line)) return directive(line) ?? 'pass';
  const found = verdict.exec(line);
  if (found) return verdicts[found[1]!] ?? null;
  return kernelReport.test(line) ? 'crash' : null;
}

function directive(line: string): Outcome | null {
  if (skipDirective.test(line)) return 'skip';
  if (todoDirective.test(line)) return 'xfail';
  return timeoutDirective.test(line) ? 'timeout' : null;
}
