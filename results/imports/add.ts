// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { boundMessage, boundName, wholeMs } from '../store/text.ts';
import type { Store, TestReport } from '../store/types.ts';
import { subtestNames } from '../store/write/subtest-names.ts';
import type { ImportedRun } from './import.ts';

/** `different`: there is a run of that identity, and it says something else; it is left as it is. */
export type Added = 'new' | 'known' | 'different';

/** Stores a run whole, or finds that it is there. */
export async function addImportedRun(store: Store, run: ImportedRun): Promise<Added> {
  const { start, end } = run;
  const tests = toldApart(run.tests);
  const found = await store.head(start.uuid);
  if (found === null) {
    const planned = tests.map(({ collection, name }) => ({ collection, name }));
    await store.addRun({ ...start, planned }, tests, end);
    return 'new';
  }
  const stored: TestReport[] = [];
  for await (const attempts of store.tests(found.id))
    for (const attempt of attempts) stored.push({ ...attempt, logs: [] });
  return contentOf(stored) === contentOf(tests) ? 'known' : 'different';
}

/** The store takes one attempt of each number of each test: a second test of the same name is `x [2]`. */
function toldApart(tests: readonly TestReport[]): TestReport[] {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return tests.map((test) => {
    const plain = boundName(test.name) || '(no name)';
    const key = (name: string) => JSON.stringify([boundName(test.collection), boundName(name), test.attempt]);
    let count = next.get(key(plain)) ?? 2;
    let name = plain;
    while (taken.has(key(name))) name = `${plain} [${count++}]`;
    next.set(key(plain), count);
    taken.add(key(name));
    return { ...test, name };
  });
}

/** A digest of what the tests came to, in words that come back from the store as they went in. */
function contentOf(tests: readonly TestReport[]): string {
  const lines = tests.map(({ collection, name, attempt, subtests, ...test }) => {
    const names = subtestNames(subtests.map((subtest) => subtest.name));
    const parts = subtests.map((subtest, i) => [names[i], ...resultOf(subtest), subtest.markedFlaky]);
    return JSON.stringify([boundName(collection), boundName(name), attempt, resultOf(test), parts]);
  });
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

function resultOf(one: { outcome: string; durationMs: number | null; message: string }) {
  return [one.outcome, wholeMs(one.durationMs), boundMessage(one.message)];
}
