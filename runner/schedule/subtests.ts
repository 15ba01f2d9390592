// SPDX-License-Identifier: GPL-2.0-only
import type { ParsedTest } from '../../results/formats/format.ts';
import { uniqueNames } from '../../results/formats/unique-names.ts';
import type { SubtestReport } from '../../results/store/types.ts';

/** Nested results as one list, with the way to them in their names: KTAP nests deeper than we store. */
export function flatten(tests: ParsedTest[], path: string[] = []): SubtestReport[] {
  const names = uniqueNames(tests);
  return tests.flatMap((test, i) => {
    const way = [...path, names[i]!];
    const { outcome, durationMs, line, markedFlaky } = test;
    const own = { name: way.join(' / '), outcome, durationMs, line, markedFlaky, message: messageOf(test) };
    return [own, ...flatten(test.subtests, way)];
  });
}

function messageOf(test: ParsedTest): string {
  return [test.reason, ...test.diagnostics.map(({ text }) => text)].filter(Boolean).join('\n');
}
