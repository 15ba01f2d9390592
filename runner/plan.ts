// SPDX-License-Identifier: GPL-2.0-only
import { nearest } from '../vm/nearest.ts';
import { UsageTrouble } from '../vm/trouble.ts';
import { collectionSuite, findSuite } from './suites/registry.ts';
import type { Suite } from './suites/suite.ts';

export interface PlannedTest {
  collection: string;
  name: string;
  expectedSeconds: number;
}

export interface Selection {
  suite?: string | undefined;
  collection?: string | undefined;
  /** `diag.sh`, globs such as `pm_*`, or run_kselftest's `net/mptcp:diag.sh`. */
  tests: string[];
  quick: boolean;
}

function splitNotation(test: string): { collection: string | null; pattern: string } {
  const at = test.lastIndexOf(':');
  return at < 0
    ? { collection: null, pattern: test }
    : { collection: test.slice(0, at), pattern: test.slice(at + 1) };
}

/**
 * Which suite a selection means: named, or by its collection, or by the `collection:test` notation.
 *
 * @throws UsageTrouble where it means none, or more than one
 */
export function suiteOf(selection: Selection): Suite {
  const named = new Set<string>();
  if (selection.collection) named.add(selection.collection);
  for (const test of selection.tests) {
    const { collection } = splitNotation(test);
    if (collection) named.add(collection);
  }
  const suite = selection.suite ? findSuite(selection.suite) : null;
  if (suite) named.add(suite.collection);
  if (named.size === 1) return suite ?? collectionSuite([...named][0]!);
  throw new UsageTrouble({
    happened:
      named.size === 0
        ? 'Nothing was named that could be run.'
        : `One run is for one collection, not for ${[...named].join(' and ')}.`,
    expected: 'a suite (multitap run mptcp), a --collection, or --test COLLECTION:TEST',
  });
}

/** Whether a glob of `*` and `?` fits the whole name. Not a regular expression: `*a*a*a*b` would take for ever. */
function fits(glob: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let behindStar = 0;
  for (let i = 0; i < name.length; ) {
    if (glob[at] === '*') {
      star = at++;
      behindStar = i;
    } else if (glob[at] === '?' || glob[at] === name[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++behindStar;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}

/**
 * The tests of a suite that a selection means, longest first so that several VMs end together.
 *
 * @param available `collection:test` lines of kselftest-list.txt
 * @throws UsageTrouble for a pattern that fits nothing, with the closest names
 */
export function selectTests(suite: Suite, selection: Selection, available: string[]): PlannedTest[] {
  const names = available.flatMap((line) => {
    const { collection, pattern } = splitNotation(line);
    return collection === suite.collection ? [pattern] : [];
  });
  if (names.length === 0)
    throw new UsageTrouble({
      happened: `No test of ${suite.collection} was built for this kernel.`,
      expected: 'at least one in kselftest-list.txt',
    });
  const patterns = [...selection.tests, ...(selection.quick ? suite.quick : [])].map(
    (test) => splitNotation(test).pattern,
  );
  for (const pattern of patterns) {
    if (names.some((name) => fits(pattern, name))) continue;
    throw new UsageTrouble({
      happened: `No test of ${suite.collection} fits ${JSON.stringify(pattern)}.`,
      expected: `one of ${nearest(pattern, names).join(', ')}`,
      next: 'patterns know * and ?; quote them so that the shell leaves them alone',
    });
  }
  const chosen =
    patterns.length === 0 ? names : names.filter((name) => patterns.some((pattern) => fits(pattern, name)));
  return chosen
    .map((name) => ({ collection: suite.collection, name, expectedSeconds: suite.seconds[name] ?? 60 }))
    .sort((a, b) => b.expectedSeconds - a.expectedSeconds);
}
