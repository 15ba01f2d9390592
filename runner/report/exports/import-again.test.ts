// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { importFile } from '../../../results/imports/import-file.ts';
import { openImportFile } from '../../../results/imports/read-file.ts';
import { importFormats } from '../../../results/imports/registry.ts';
import { openStore } from '../../../results/store/index.ts';
import type { TestReport } from '../../../results/store/types.ts';
import { aSubtest, aTest, began, hostileTests, stored, written } from './testing.ts';

type Result = Omit<TestReport, 'logs'>;

const quiet = { told: () => {}, runs: () => {} };

/** Exports a run, imports it into another store, and gives what both say. */
async function again(tests: TestReport[], exported: string, imported: string) {
  const { source, end } = await stored(tests);
  const folder = await mkdtemp(join(tmpdir(), 'multitap-again-'));
  try {
    await writeFile(join(folder, 'file'), await written(exported, source));
    const store = await openStore(join(folder, 'data'));
    const format = importFormats.find(({ name }) => name === imported)!;
    const open = () => openImportFile(join(folder, 'file'));
    const report = await importFile(store, format, 'file', open, {}, quiet);
    const [summary] = await store.runs({ limit: 1 });
    const run = summary ? await store.run(summary.id) : null;
    const before: TestReport[] = [];
    for await (const attempts of source.tests())
      before.push(...attempts.map((attempt) => ({ ...attempt, logs: [] })));
    const repeated = await importFile(store, format, 'file', open, {}, quiet);
    await store.close();
    return { report, repeated, run, before, head: source.run };
  } finally {
    await end();
    await rm(folder, { recursive: true });
  }
}

const outcomesOf = (tests: readonly Pick<TestReport, 'outcome' | 'subtests' | 'attempt'>[]) =>
  tests.map(({ outcome, attempt, subtests }) => [attempt, outcome, subtests.map((part) => part.outcome)]);

test('jsonl: a run comes back as it was, whatever its names are', async () => {
  await fc.assert(
    fc.asyncProperty(hostileTests, async (tests) => {
      const { report, repeated, run, before, head } = await again(tests, 'jsonl', 'jsonl');
      expect(report).toMatchObject({ runs: { new: 1 }, problems: [], refused: null });
      expect(repeated.runs).toEqual({ new: 0, known: 1, different: 0 });
      expect(run).toMatchObject({
        uuid: head.uuid,
        branch: head.branch,
        variant: head.variant,
        state: head.state,
      });
      const named = (list: readonly Result[]) =>
        list.map(({ collection, name, attempt, outcome, message, durationMs, subtests }) => [
          ...[collection, name, attempt, outcome, message, durationMs],
          subtests.map((part) => [part.name, part.outcome, part.message, part.markedFlaky]),
        ]);
      expect(named(run!.results)).toEqual(named(before));
    }),
    { numRuns: 20 },
  );
});

const all = [
  aTest('a.sh', 'fail', {
    attempt: 1,
    startedAt: began + 1,
    subtests: [aSubtest('x', 'fail'), aSubtest('y', 'pass')],
  }),
  aTest('a.sh', 'pass', {
    attempt: 2,
    startedAt: began + 2,
    subtests: [aSubtest('x', 'pass'), aSubtest('y', 'skip')],
  }),
  aTest('b.sh', 'skip', { startedAt: began + 3, message: 'no nft' }),
  aTest('c.sh', 'fail', {
    startedAt: began + 4,
    subtests: [aSubtest('1 + 1', 'fail'), aSubtest('v', 'xfail')],
  }),
];

test('nipa: the first attempt and the retry come back', async () => {
  const { report, run } = await again(all, 'nipa', 'nipa');
  expect(report).toMatchObject({ runs: { new: 1 }, problems: [] });
  const byName = [...run!.results].sort((a, b) => (a.name < b.name ? -1 : 1));
  expect(outcomesOf(byName)).toEqual([
    ...[
      [1, 'fail', ['fail', 'pass']],
      [2, 'pass', ['pass', 'skip']],
      [1, 'skip', []],
    ],
    // NIPA has no word for an expected failure.
    [1, 'fail', ['fail', 'pass']],
  ]);
});

test.each([
  ['ktap', 'log'],
  ['junit', 'junit'],
])('%s: the last attempts come back', async (exported, imported) => {
  const { report, run, before } = await again(
    [...all, aTest('d.sh', 'timeout'), aTest('e.sh', 'xfail')],
    exported,
    imported,
  );
  expect(report).toMatchObject({ runs: { new: 1 }, refused: null });
  const last = (list: readonly Pick<TestReport, 'name' | 'outcome' | 'subtests' | 'attempt'>[]) =>
    [...new Map(list.map((one) => [one.name, one])).values()]
      .map(({ name, outcome, subtests }) => [
        name,
        outcome,
        subtests.map((part) => [part.name, part.outcome]),
      ])
      .sort();
  expect(last(run!.results)).toEqual(last(before));
});

test.each([
  ['junit', 'junit'],
  ['nipa', 'nipa'],
])(
  '%s: whatever names and messages are, each test comes back, and again is the same',
  async (exported, imported) => {
    await fc.assert(
      fc.asyncProperty(hostileTests, async (tests) => {
        fc.pre(tests.length > 0);
        const { report, repeated, run, before } = await again(tests, exported, imported);
        expect(report).toMatchObject({ runs: { new: 1 }, problems: [], refused: null });
        expect(repeated.runs).toEqual({ new: 0, known: 1, different: 0 });
        const distinct = (list: readonly Result[]) =>
          new Set(list.map(({ collection, name }) => JSON.stringify([collection, name]))).size;
        expect(distinct(run!.results)).toBe(distinct(before));
      }),
      { numRuns: 20 },
    );
  },
  60_000,
);

test('junit: attempts that passed are not in it, the others keep their numbers', async () => {
  const tests = [1, 2, 3, 4].map((attempt) =>
    aTest('a.sh', attempt === 2 ? 'fail' : 'pass', { attempt, startedAt: began + attempt }),
  );
  const { run } = await again(tests, 'junit', 'junit');
  expect(outcomesOf(run!.results)).toEqual([
    [2, 'fail', []],
    [4, 'pass', []],
  ]);
});
