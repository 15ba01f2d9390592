// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../../words.ts';

/** One result line of test_progs. */
export interface ProgsLine {
  test: number;
  /** Null for the test itself. */
  subtest: number | null;
  /** `atomics` or, for a subtest, `add` of `atomics/add`. */
  name: string;
  /** `atomics` of a subtest's `atomics/add`; null where the line does not tell (before Linux 5.19). */
  parent: string | null;
  outcome: Outcome;
  /** What stood before it on the same line; empty where nothing did. */
  before: string;
}

/** `#3/1     arena_atomics/add:OK`, `#427     user_ringbuf:OK (SKIP: 2/5)`. */
const result = /#(\d{1,9})(?:\/(\d{1,9}))?( +)(\S.*):(OK|FAIL|SKIP)(?: \(SKIP: \d+\/\d+\))?$/;
const outcomes = { OK: 'pass', FAIL: 'fail', SKIP: 'skip' } as const;

/** `TEST_NUM_WIDTH` of test_progs.c, and the space behind it. */
const column = 8;

/**
 * Reads `#NUMBER[/NUMBER] NAME[/NAME]:OK|FAIL|SKIP` (print_test_result() and print_subtest_name() in
 * tools/testing/selftests/bpf/test_progs.c). Behind other text it is taken only where the number is padded as
 * test_progs does it: nothing else prints that.
 */
export function parseProgsLine(text: string): ProgsLine | null {
  const start = text.indexOf('#');
  if (start < 0) return null;
  const match = result.exec(text);
  if (match === null) return null;
  const [, test, subtest, spaces, name] = match as unknown as [string, string, string?, string?, string?];
  const width = test!.length + (subtest === undefined ? 0 : subtest.length + 1) + spaces!.length;
  if (match.index > 0 && width !== Math.max(column, width - spaces!.length + 1)) return null;
  const slash = subtest === undefined ? -1 : name!.search(/(?<=^\w{1,128})\//);
  return {
    test: Number(test),
    subtest: subtest === undefined ? null : Number(subtest),
    name: slash < 0 ? name! : name!.slice(slash + 1),
    parent: slash < 0 ? null : name!.slice(0, slash),
    outcome: outcomes[match[5] as keyof typeof outcomes],
    before: text.slice(0, match.index),
  };
}

export interface ProgsSummary {
  passed: number;
  passedSubtests: number;
  skipped: number;
  failed: number;
}

/** `Summary: 4/30 PASSED, 2 SKIPPED, 0 FAILED`. */
export function parseProgsSummary(text: string): ProgsSummary | null {
  const match = /^Summary: (\d{1,9})\/(\d{1,9}) PASSED, (\d{1,9}) SKIPPED, (\d{1,9}) FAILED$/.exec(text);
  if (match === null) return null;
  const [passed, passedSubtests, skipped, failed] = match.slice(1).map(Number);
  return { passed: passed!, passedSubtests: passedSubtests!, skipped: skipped!, failed: failed! };
}

/** `WATCHDOG: test case NAME[/NAME] executes for 120 seconds, terminating with SIGSEGV` (Linux 6.13): the name. */
export function parseWatchdog(text: string): { name: string; reason: string } | null {
  const match = /WATCHDOG: test case (\S.*) executes for (\d{1,9}) seconds, terminating\b/.exec(text);
  return match === null ? null : { name: match[1]!, reason: `${match[2]} seconds` };
}
