// SPDX-License-Identifier: GPL-2.0-only
import { nearest } from '../vm/nearest.ts';
import { UsageTrouble } from '../vm/trouble.ts';
import type { Denial } from './suites/denials.ts';
import { fits } from './suites/glob.ts';
import type { PlannedTest } from './suites/planned-test.ts';
import { findSuite, suiteOfCollection } from './suites/registry.ts';
import type { Built, Suite } from './suites/suite.ts';

/** What the command line names. */
export interface Selection {
  suites: readonly string[];
  collections: readonly string[];
  /** `diag.sh`, globs such as `pm_*`, or run_kselftest's `net/mptcp:diag.sh`. */
  tests: readonly string[];
}

/** A suite with the patterns that are for it; without any, all of its tests are meant. */
export interface Choice {
  suite: Suite;
  patterns: readonly Pattern[];
}

/** A pattern, of a collection where the suite has several and one was named. */
export interface Pattern {
  collection: string | null;
  glob: string;
}

/** COLLECTION:TEST, where what is before the first colon is a collection's name. */
export function readPattern(test: string): Pattern {
  const [, collection, glob] = /^([\w./+-]+):(.*)$/s.exec(test) ?? [];
  return collection === undefined ? { collection: null, glob: test } : { collection, glob: glob! };
}

/**
 * Which suites a selection means: named, by their collections, or by the COLLECTION:TEST notation; each once, in the
 * order in which they were named.
 *
 * @throws UsageTrouble where it means none, and for a pattern of which nobody knows whose it is
 */
export function chooseSuites({ suites, collections, tests }: Selection): Choice[] {
  const chosen = new Map<string, { suite: Suite; patterns: Pattern[] }>();
  const add = (suite: Suite) => {
    if (!chosen.has(suite.name)) chosen.set(suite.name, { suite, patterns: [] });
    return chosen.get(suite.name)!;
  };
  for (const name of suites) add(findSuite(name));
  for (const name of collections) add(suiteOfCollection(name));
  const patterns = tests.map(readPattern);
  for (const pattern of patterns) {
    const { collection } = pattern;
    if (collection === null) continue;
    // Of two suites that share a collection, the one that was named.
    const named = [...chosen.values()].find(({ suite }) => suite.collections.includes(collection));
    add(named?.suite ?? suiteOfCollection(collection)).patterns.push(pattern);
  }
  if (chosen.size === 0)
    throw new UsageTrouble({
      happened: 'Nothing was named that could be run.',
      expected: 'a suite (multitap run mptcp), a --collection, or --test COLLECTION:TEST',
    });
  const [only, ...others] = chosen.values();
  for (const pattern of patterns.filter(({ collection }) => collection === null)) {
    if (others.length > 0)
      throw new UsageTrouble({
        happened: `--test ${pattern.glob} does not tell whose test it is: ${[...chosen.keys()].join(', ')} were named.`,
        expected: `COLLECTION:TEST, such as ${only!.suite.collections[0]}:${pattern.glob}`,
      });
    only!.patterns.push(pattern);
  }
  return [...chosen.values()];
}

const quickPatterns = (suite: Suite, quick: boolean): Pattern[] =>
  quick ? suite.quick.map(readPattern) : [];

/** Those of the suite's collections of which anything is asked. */
export function wantedCollections(choice: Choice, quick: boolean): readonly string[] {
  const patterns = [...choice.patterns, ...quickPatterns(choice.suite, quick)];
  const wanted = patterns.map(({ collection }) => collection);
  const all = wanted.length === 0 || wanted.includes(null);
  return choice.suite.collections.filter((collection) => all || wanted.includes(collection));
}

/** A test that a pattern means, as a whole or with some of its subtests; null where it does not mean it. */
function meant(test: PlannedTest, { collection, glob }: Pattern): { subtest: string | null } | null {
  if (collection !== null && collection !== test.collection) return null;
  if (fits(glob, test.name)) return { subtest: null };
  const slash = glob.indexOf('/');
  if (!test.narrow || slash < 0 || !fits(glob.slice(0, slash), test.name)) return null;
  return { subtest: glob.slice(slash + 1) };
}

/** The test with nothing but what the patterns mean; null where none of them means it. */
function chosenOf(test: PlannedTest, patterns: readonly Pattern[]): PlannedTest | null {
  const meanings = patterns.flatMap((pattern) => meant(test, pattern) ?? []);
  if (meanings.length === 0) return null;
  const only = meanings.flatMap(({ subtest }) => subtest ?? []);
  return only.length < meanings.length || test.instead ? test : test.narrow!({ only, without: [] });
}

/** The test without what is denied; a skip, with the reason, where that is all of it. */
function without(test: PlannedTest, denials: readonly Denial[]): PlannedTest {
  if (test.instead) return test;
  const subtests: string[] = [];
  for (const denial of denials) {
    const found = meant(test, readPattern(denial.pattern));
    if (!found) continue;
    if (found.subtest !== null) subtests.push(found.subtest);
    else
      return { ...test, instead: { outcome: 'skip', message: `denied by ${denial.from}: ${denial.reason}` } };
  }
  return subtests.length > 0 ? test.narrow!({ only: [], without: subtests }) : test;
}

/**
 * The tests of a suite that are to be run, longest first so that several VMs end together.
 *
 * @throws UsageTrouble for a pattern that fits nothing, with the closest names
 */
export function selectTests(
  choice: Choice,
  built: Built,
  { quick, denials }: { quick: boolean; denials: readonly Denial[] },
): PlannedTest[] {
  const { tests } = built;
  const { suite, patterns } = choice;
  if (built.unmet) return tests;
  const called = suite.collections.join(', ');
  if (tests.length === 0)
    throw new UsageTrouble({
      happened: `No test of ${called} was built for this kernel.`,
      expected: 'at least one',
    });
  // Which of the quick ones there are differs between trees.
  const quickly = quickPatterns(suite, quick);
  const there = quickly.filter((pattern) => tests.some((test) => meant(test, pattern)));
  const wanted = [...patterns, ...(there.length > 0 ? there : quickly)];
  for (const pattern of wanted) {
    if (tests.some((test) => meant(test, pattern))) continue;
    const names = [...new Set(tests.map(({ name }) => name))];
    throw new UsageTrouble({
      happened: `No test of ${pattern.collection ?? called} fits ${JSON.stringify(pattern.glob)}.`,
      expected: `one of ${nearest(pattern.glob, names).join(', ')}`,
      next: 'patterns know * and ?; quote them so that the shell leaves them alone',
    });
  }
  const chosen = wanted.length === 0 ? tests : tests.flatMap((test) => chosenOf(test, wanted) ?? []);
  const named = new Set(patterns.map(({ glob }) => glob));
  const denied = (test: PlannedTest) =>
    named.has(test.name) ? denials : [...denials, ...(built.denials ?? [])];
  return chosen
    .map((test) => without(test, denied(test)))
    .sort((a, b) => b.expectedSeconds - a.expectedSeconds);
}
