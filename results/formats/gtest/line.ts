// SPDX-License-Identifier: GPL-2.0-only

const results = {
  '[       OK ] ': 'pass',
  '[  FAILED  ] ': 'fail',
  '[     FAIL ] ': 'fail',
  '[  SKIPPED ] ': 'skip',
} as const;

export interface GtestResult {
  /** `Suite.Test`, with what an instance of it is called: `Few/Number.IsOdd/1`, `Typed/0.IsWide`. */
  name: string;
  outcome: (typeof results)[keyof typeof results];
  /** Null with `--gtest_print_time=0`, and in the lists at the end. */
  durationMs: number | null;
  /** What stood before it on the same line; empty where nothing did. */
  before: string;
}

const begin = '[ RUN      ] ';
const disabled = '[ DISABLED ] ';

/** The first word, which has a dot: what tests are called. Null for anything else. */
function testName(text: string): string | null {
  return /^[^\s.]+\.[^\s,]+$/.test(text) ? text : null;
}

/** `[ RUN      ] Suite.Test`: its name. Behind other text only where that was printed without a newline. */
export function parseBegin(text: string): string | null {
  const at = text.indexOf(begin);
  return at < 0 ? null : testName(text.slice(at + begin.length));
}

/** `[ DISABLED ] Suite.DISABLED_Test`: its name. */
export function parseDisabled(text: string): string | null {
  return text.startsWith(disabled) ? testName(text.slice(disabled.length)) : null;
}

/**
 * `[       OK ] Suite.Test (12 ms)`, `[  FAILED  ] Suite.Test/1, where GetParam() = 2 (0 ms)` (googletest's
 * PrettyUnitTestResultPrinter); `[     FAIL ] global.test` of kselftest_harness.h before Linux 5.8.
 */
export function parseGtestResult(text: string): GtestResult | null {
  for (const [mark, outcome] of Object.entries(results) as [keyof typeof results, GtestResult['outcome']][]) {
    const at = text.lastIndexOf(mark);
    if (at < 0) continue;
    const time = / \((\d{1,12}) ms\)$/.exec(text);
    const told = text.slice(at + mark.length, time?.index);
    const where = told.indexOf(', where ');
    const name = testName(where < 0 ? told : told.slice(0, where));
    if (name === null) continue;
    return { name, outcome, durationMs: time ? Number(time[1]) : null, before: text.slice(0, at) };
  }
  return null;
}

/** `[  FAILED  ] Suite: SetUpTestSuite or TearDownTestSuite`, in the lists at the end: what failed. */
export function parseSetUp(text: string): string | null {
  return (
    /^\[ {2}FAILED {2}\] ([^\s:]+: SetUpTest(?:Suite|Case) or TearDownTest(?:Suite|Case))$/.exec(text)?.[1] ??
    null
  );
}

/** `[==========] Running 18 tests from 8 test suites.`: how many; `test cases` before googletest 1.10. */
export function parseRunning(text: string): number | null {
  const match = /^\[={10}\] Running (\d{1,9}) tests? from \d{1,9} test (?:suite|case)s?\.$/.exec(text);
  return match === null ? null : Number(match[1]);
}

/** `[==========] 18 tests from 8 test suites ran. (16 ms total)`, `[==========] 4 / 4 tests passed.`: of how many. */
export function parseRan(text: string): number | null {
  const match =
    /^\[={10}\] (\d{1,9}) tests? from \d{1,9} test (?:suite|case)s? ran\.(?: \(\d{1,12} ms total\))?$/.exec(
      text,
    ) ?? /^\[={10}\] \d{1,9} \/ (\d{1,9}) tests passed\.$/.exec(text);
  return match === null ? null : Number(match[1]);
}

/** `[  PASSED  ] 10 tests.`, `[  SKIPPED ] 2 tests, listed below:`. */
export function parseCount(text: string): { outcome: 'pass' | 'skip' | 'fail'; count: number } | null {
  const match = /^\[ {2}(PASSED|SKIPPED|FAILED) {1,2}\] (\d{1,9}) tests?(?:\.|, listed below:)$/.exec(text);
  if (match === null) return null;
  const outcome = ({ PASSED: 'pass', SKIPPED: 'skip', FAILED: 'fail' } as const)[match[1] as 'PASSED'];
  return { outcome, count: Number(match[2]) };
}
