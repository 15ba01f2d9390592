// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { uniqueNames } from '../formats/unique-names.ts';
import { boundMessage, boundName, wholeMs } from '../store/text.ts';
import type { RunHead, RunStart, Store, TestReport } from '../store/types.ts';
import { subtestNames } from '../store/write/subtest-names.ts';
import type { ImportedRun } from './import.ts';
import { resultBound } from './result-bound.ts';

/** `different`: there is a run of that identity, and it says something else; it is left as it is. */
export type Added = 'new' | 'known' | 'different';

/** What became of a run; `how` it differs from what is stored, where it does. */
export interface Addition {
  added: Added;
  how: string;
}

/**
 * Stores a run whole, or finds that it is there. One that had been cut off is completed, and counts as new.
 * @throws ImportError for more results than a run may have
 */
export async function addImportedRun(
  store: Store,
  { start, tests, end, place }: ImportedRun,
): Promise<Addition> {
  refuseMany(tests, place);
  const named = toldApart(tests);
  const planned = named.map((attempts) => ({ collection: attempts[0]!.collection, name: attempts[0]!.name }));
  const { id, was } = await store.addRun({ ...start, secondHand: true, planned }, named.flat(), end);
  if (was === 'absent') return { added: 'new', how: '' };
  const how = elsewhere(start, (await store.head(id))!) ?? (await otherResults(store, id, named.flat()));
  if (how !== null) return { added: 'different', how };
  return { added: was === 'running' ? 'new' : 'known', how: '' };
}

/** Another branch, suite, revision or variant: options that the identity does not hold were others then. */
function elsewhere({ branch, suite, revision, variant }: RunStart, stored: RunHead): string | null {
  const places = [
    ['branch', branch.name, stored.branch],
    ['suite', suite, stored.suite],
    ['revision', revision.name, stored.revision],
    ...(['arch', 'accel', 'cpus', 'flavour', 'options'] as const).map(
      (key) => [key, `${variant[key]}`, `${stored.platform[key]}`] as const,
    ),
  ] as const;
  const other = places.find(([, told, kept]) => boundName(told) !== kept);
  return other ? `with the ${other[0]} ${JSON.stringify(other[2])}, not ${JSON.stringify(other[1])}` : null;
}

async function otherResults(store: Store, id: number, tests: readonly TestReport[]): Promise<string | null> {
  const stored: TestReport[] = [];
  for await (const attempts of store.tests(id))
    for (const attempt of attempts) stored.push({ ...attempt, logs: [] });
  return contentOf(stored) === contentOf(tests) ? null : 'with other results';
}

function refuseMany(tests: ImportedRun['tests'], place: string): void {
  const bound = resultBound(place);
  for (const attempts of tests) for (const { subtests } of attempts) bound(1 + subtests.length);
}

/** A second test of the same name is `x [2]`, with all its attempts: a retry belongs to what it repeats. */
function toldApart(tests: ImportedRun['tests']): TestReport[][] {
  const names = uniqueNames(
    tests.map(([first]) => ({ name: boundName(first!.name), collection: boundName(first!.collection) })),
  );
  return tests.map((attempts, i) => attempts.map((attempt) => ({ ...attempt, name: names[i]! })));
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
