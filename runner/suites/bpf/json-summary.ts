// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import type { ParsedDocument, ParsedTest } from '../../../results/formats/format.ts';
import { isBad } from '../../../results/words.ts';

const count = z.int().nonnegative();
const named = z.object({ name: z.string(), failed: z.boolean() });

/** What `test_progs --json-summary` writes: counts, and what failed by name (calculate_summary_and_print_errors()). */
const summary = z.object({
  success: count,
  success_subtest: count,
  skipped: count,
  failed: count,
  results: z.array(named.extend({ subtests: z.array(named) })),
});

const failures = (tests: readonly ParsedTest[]) =>
  tests.flatMap((test) => [
    ...(isBad(test.outcome) ? [test.name] : []),
    ...test.subtests.filter(({ outcome }) => isBad(outcome)).map(({ name }) => `${test.name}/${name}`),
  ]);

/** At most so many names are told. */
const NAMES_MAX = 5;

function missing(what: string, from: readonly string[], to: readonly string[]): string[] {
  const known = new Set(to);
  const names = from.filter((name) => !known.has(name));
  if (names.length === 0) return [];
  const more = names.length > NAMES_MAX ? `, and ${names.length - NAMES_MAX} more` : '';
  return [`${what}: ${names.slice(0, NAMES_MAX).join(', ')}${more}`];
}

/**
 * In what the text of test_progs, as it was understood, and its own summary in JSON do not agree; each as a sentence.
 *
 * @param json the file's text: a guest's word
 */
export function disagreements({ tests }: Pick<ParsedDocument, 'tests'>, json: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return ['--json-summary: no whole JSON document was written'];
  }
  const parsed = summary.safeParse(value);
  if (!parsed.success) return ['--json-summary: not the fields that test_progs writes'];
  const theirs = parsed.data;
  const subtests = tests.flatMap((test) => test.subtests);
  const skipped = (some: readonly ParsedTest[]) => some.filter(({ outcome }) => outcome === 'skip').length;
  const failed = tests.filter(({ outcome }) => isBad(outcome)).length;
  const counts = [
    ['tests passed or skipped', tests.length - failed, theirs.success],
    ['subtests passed', subtests.filter(({ outcome }) => outcome === 'pass').length, theirs.success_subtest],
    ['tests failed', failed, theirs.failed],
  ] as const;
  const differ = counts.flatMap(([what, ours, other]) =>
    ours === other ? [] : [`--json-summary counts ${other} ${what}, the text ${ours}`],
  );
  // A test may skip several parts that have no line of their own.
  const told = skipped(subtests) + skipped(tests.filter((test) => test.subtests.length === 0));
  if (theirs.skipped < told) differ.push(`--json-summary counts ${theirs.skipped} skipped, the text ${told}`);
  const mine = failures(tests);
  const named = theirs.results.flatMap((test) => [
    ...(test.failed ? [test.name] : []),
    ...test.subtests.filter((subtest) => subtest.failed).map((subtest) => `${test.name}/${subtest.name}`),
  ]);
  return [
    ...differ,
    ...missing('failed by --json-summary, not by the text', named, mine),
    ...missing('failed by the text, not by --json-summary', mine, named),
  ];
}
