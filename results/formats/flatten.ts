// SPDX-License-Identifier: GPL-2.0-only
import type { SubtestReport } from '../store/types.ts';
import type { TestResult } from './format.ts';
import { uniqueNames } from './unique-names.ts';

type Told = Pick<
  TestResult,
  'name' | 'collection' | 'outcome' | 'durationMs' | 'line' | 'markedFlaky' | 'reason' | 'diagnostics'
>;

/** A result with what is nested in it, of a parser or as `understand` makes it of one. */
export interface Nested extends Told {
  subtests: Nested[];
}

/** Nested results as one list, with the way to them in their names: KTAP nests deeper than we store. */
export function flatten(tests: readonly Nested[], path: string[] = []): SubtestReport[] {
  const names = uniqueNames(tests);
  return tests.flatMap((test, i) => {
    const way = [...path, names[i]!];
    const { outcome, durationMs, line, markedFlaky } = test;
    const own = { name: way.join(' / '), outcome, durationMs, line, markedFlaky, message: messageOf(test) };
    return [own, ...flatten(test.subtests, way)];
  });
}

/** Why, in the test's own words: what stood behind the directive, and the lines that explain it. */
export function messageOf(test: Pick<Told, 'reason' | 'diagnostics'>): string {
  return [test.reason, ...test.diagnostics.map(({ text }) => text)].filter(Boolean).join('\n');
}
